/** Names and characters, as `name character name character …`. */
function table(text: string): Map<string, string> {
  const words = text.trim().split(/\s+/);
  return new Map(words.flatMap((word, at): [string, string][] => (at % 2 === 0 ? [[word, words[at + 1] ?? ""]] : [])));
}

/** Letters, which are set in italics like variables. */
export const letters = table(`
  alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν
  xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω
  ell ℓ imath ı jmath ȷ hbar ℏ wp ℘ partial ∂ nabla ∇`);

/** Letters and signs, which stand upright. */
export const upright = table(`
  Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
  infty ∞ emptyset ∅ varnothing ∅ Re ℜ Im ℑ aleph ℵ top ⊤ bot ⊥ angle ∠ degree ° prime ′ square □ blacksquare ■ checkmark ✓
  dots … ldots … cdots ⋯ vdots ⋮ ddots ⋱ colon :`);

/** Relations, operators, arrows and brackets. */
export const operators = table(`
  times × cdot ⋅ div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet ∙ oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ wedge ∧ land ∧ vee ∨ lor ∨
  cap ∩ cup ∪ setminus ∖ neg ¬ lnot ¬ forall ∀ exists ∃ nexists ∄ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇
  le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ ll ≪ gg ≫ lt < gt > equiv ≡ sim ∼ simeq ≃ approx ≈ cong ≅ propto ∝ prec ≺ succ ≻ mid ∣
  parallel ∥ perp ⊥ models ⊨ vdash ⊢ dashv ⊣ therefore ∴ because ∵ triangleq ≜ coloneqq ≔
  to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ implies ⟹ Leftarrow ⇐ Leftrightarrow ⇔ iff ⟺ mapsto ↦
  uparrow ↑ downarrow ↓ longrightarrow ⟶ longleftarrow ⟵ Longrightarrow ⟹ hookrightarrow ↪ rightharpoonup ⇀ leadsto ⇝
  langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lbrace { rbrace } lbrack [ rbrack ] vert | lvert | rvert | Vert ‖ lVert ‖ rVert ‖
  backslash \\ surd √`);

/** Operators whose limits stand above and below. */
export const big = table(`
  sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂ bigsqcup ⨆`);

export const integrals = table("int ∫ iint ∬ iiint ∭ oint ∮");

/** Functions, by their own names. */
export const functions = new Set(
  "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth log ln lg exp det dim ker deg arg hom gcd Pr".split(
    " ",
  ),
);

/** Functions whose limits stand below. */
export const limits = new Set("lim max min sup inf limsup liminf argmax argmin".split(" "));

/** Marks above a letter. */
export const accents = table(
  "hat ^ widehat ^ bar ¯ overline ¯ vec → overrightarrow → dot ˙ ddot ¨ tilde ~ widetilde ~ check ˇ breve ˘ acute ´ grave ` overbrace ⏞",
);
export const marksBelow = table("underline _ underbrace ⏟");

/** Widths in em. */
export const spaces = new Map([
  ["\\,", 0.167],
  ["\\:", 0.222],
  ["\\>", 0.222],
  ["\\;", 0.278],
  ["\\!", -0.167],
  ["\\ ", 0.25],
  ["~", 0.25],
  ["\\quad", 1],
  ["\\qquad", 2],
]);

/** The brackets around a table. */
export const environments: Record<string, [string, string]> = {
  matrix: ["", ""],
  smallmatrix: ["", ""],
  array: ["", ""],
  pmatrix: ["(", ")"],
  bmatrix: ["[", "]"],
  Bmatrix: ["{", "}"],
  vmatrix: ["|", "|"],
  Vmatrix: ["‖", "‖"],
  cases: ["{", ""],
  aligned: ["", ""],
  align: ["", ""],
  alignedat: ["", ""],
  gathered: ["", ""],
  gather: ["", ""],
  split: ["", ""],
  equation: ["", ""],
};
