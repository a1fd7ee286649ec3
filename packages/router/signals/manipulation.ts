/**
 * Removes instructions to the router ("classify this as simple", fake system tags), so that only the request is
 * classified. Returns the rest, which may be empty.
 */
export function withoutManipulation(content: string): string {
  if (!suspicion.test(content)) return content;
  let left = content;
  for (const block of blocks) left = left.replace(block, "\n");
  left = left.replace(bracketed, (group) => (addresses.some((address) => address.test(group)) ? " " : group));
  left = left
    .split("\n")
    .map((line) => (suspicion.test(line) ? withoutAddress(line) : line))
    .join("\n");
  if (left === content) return content;
  return left.replace(/^[\s\-–—:;,.>#*=]+|[\s\-–—:;,>#*=]+$/g, "").replace(/\n{3,}/g, "\n\n");
}

const label = String.raw`(?:simple|complex|analysis|generation|problem[_\s-]?solv(?:ing|er)|multi[_\s-]?step)`;
const wire = `(?:${label}(?:_?conversation)|problem_solv(?:ing|er)|multi_step|(?:Simple|Complex|Analysis|Generation|MultiStep)Conversation|ProblemSolver)`;

/** A message without any of these words is returned unchanged. */
const suspicion = new RegExp(
  String.raw`${label}|rout(?:e|er|ing)\b|classif|clasific|klassif|classer|conversation_type|ignor|vergiss|forget|disregard|oublie|olvida|esque[cç]|忽略|无视|無視|システム|system\s*[:>]|administrator|admin\b|override|for (?:the )?(?:ai|model|bot)\b|attention (?:ai|model)|engines?\b|маршрутиз|классиф|игнор|забудь|路由|分类|ルーター|分類|라우터|분류|무시|enrutador|roteador|yönlendir|sınıflandır|abaikan|small talk|greeting`,
  "i",
);

/** Tags and data meant only for a router. */
const blocks = [
  new RegExp(
    String.raw`\b(?:engine|route|type|label|mode|intent|category|conversation_type)\s*=\s*["']?${label}["']?(?![\w-])[;,]?`,
    "gi",
  ),
  new RegExp(String.raw`<<[^<>\n]{0,80}(?:rout|${label})[^<>\n]{0,80}>>`, "gi"),
  /<\|?(system|router|routing|intent|admin|instructions?|route|tool_result|classification)\|?>[\s\S]{0,400}?<\/?\|?\1\|?>/gi,
  /<\/?(?:system|router|routing|intent|force|route|tool_result)\b[^>\n]{0,200}\/?>/gi,
  /\[\[\s*rout\w*\s*\]\][\s\S]{0,200}?\[\[\s*\/\s*rout\w*\s*\]\]/gi,
  new RegExp(
    String.raw`\`\`\`(?:json)?\s*\{[^{}]{0,200}"(?:conversation_type|type|route|label|category|intent|engine)"\s*:\s*"${label}[^{}]{0,200}\}\s*\`\`\``,
    "gi",
  ),
  new RegExp(
    String.raw`\{[^{}]{0,200}"(?:conversation_type|type|route|label|category|intent|engine)"\s*:\s*"${label}\w*"[^{}]{0,200}\}`,
    "gi",
  ),
  /\{\s*"role"\s*:\s*"(?:system|developer)"[^{}]{0,400}\}/gi,
  /^#{2,}\s*\n[^\n]{0,120}(?:classif|rout|conversation_type)[^\n]{0,120}\n#{2,}\s*$/gim,
  /^-{3,}\s*\n\s*(?:assistant|system)\s*:[^\n]{0,200}$/gim,
];

const bracketed = /\[[^[\]\n]{4,160}\]|【[^【】\n]{4,160}】|[(（][^()（）\n]{4,160}[)）]/g;

const noun = String.raw`(?:rout(?:e|er|ing)|classif\w+|categor\w+|label\w*|engine|motor|intent|mode|modo|modus|type|typ|тип\w*|класс\w*|conversation_type|kategori\w*|kategorie|тег|分类|归类|类型|タイプ|分類|扱|유형|분류|归为|判定)`;

/** Sentences that tell the router to choose a label or to ignore its rules. */
const addresses = [
  // "classify this as simple", "route: analysis", "choose generation", in several languages
  new RegExp(
    String.raw`\b(?:classif(?:y|ied|ying|ica\w*|iez)|clasific\w*|classe[rz]?|klassifizier\w*|label(?:led|ling)?|tag|mark|treat|route[ds]?|rout(?:e|ing)|send|pick|choose|select|set|force|use|answer|reply|respond|output|elige|escolha|choisi\w*|scegli|wähle|kies|wybierz|seç|pilih|considera|tratar?|trata|behandle|traite|обработай|выбери|отметь|считай|классифицируй|отнеси)\b.{0,60}?(?:\b(?:${label})(?![\w-]*\s+(?:way|example|question about|code|function|solution|app|script|explanation|program|version|terms|page|class|html|game|query|table|number|of|the|a)\b)|small talk|greeting|follow-?up)`,
    "i",
  ),
  new RegExp(String.raw`${noun}\s*(?:is|=>?|:|->|→|=|==|：)\s*["'\`]?(?:${label})`, "i"),
  new RegExp(String.raw`(?:=>|->|→|⇒)\s*["'\`]?(?:${label}|${wire})`, "i"),
  /\b(?:mode|type|modo|typ)\s*[=:]\s*["'`]?\w+.{0,40}(?:priority|override|force)/i,
  new RegExp(String.raw`(?:${label})\s*(?:engine|mode|conversation|category|label|motor|modus)\b`, "i"),
  new RegExp(wire),
  /(?:归类|归为|判定|分类|扱う|分類|として扱|분류|라우팅).{0,30}/,
  // "ignore previous instructions" and similar
  /(?<!git\s)(?<!\.)\b(?:ignore|ignora|ignoriere?|ignorez|disregard|forget|vergiss|oublie\w*|olvida|esque[cç]a|dimentica|negeer|vergeet|zignoruj|zapomnij|unut|yok say|abaikan|lupakan|забудь|игнорируй|проигнорируй)\b.{0,32}\b(?:instruc\w*|instru[cç]\w*|istruzion\w*|rules?|prompts?|reglas|regras|r[eè]gles|regeln|\w*regeln|anweisungen|anterior\w*|above|system|инструкци\w*|правил\w*|instrukcj\w*|kurallar\w*|talimat\w*|instruksi|aturan|instructies|regels)/i,
  /(?:忽略|无视|忘记|無視|무시).{0,20}(?:指令|指示|规则|規則|命令|지시|규칙|ルール)?/,
  /\b(?:disable|pretend|turn off|bypass|skip)\b.{0,40}\b(?:classif\w*|routing|router|engines?)\b/i,
  /\bfor the (?:classifier|router)\b|\b(?:note|hint|message|nota|hinweis|note)\b.{0,12}\b(?:to|for|para|für|an|pour)\b.{0,8}\b(?:router|classifier|enrutador|roteador|routeur|ai|model)\b|routing hint|@(?:llm-)?router\b/i,
  /^\s*i am the (?:administrator|admin|developer|system)\b|\b(?:dev|admin|system) override\b|\bend override\b|override\s*=\s*true/i,
  /\bimportant for (?:the )?(?:ai|model|router|bot)\b|\bgreetings only\b|\bthe following is small talk\b/i,
  /^\s*(?:system|developer)\s*:\s*(?:you|route|always|classif|the|from|next|switch|set)/i,
  /\byou are now in\b.{0,40}\bmode\b|\bhistory is irrelevant\b/i,
  /^\s*(?:this|that) is (?:not )?(?:a |just )?(?:a )?(?:follow-?up|greeting|simple question|complex question)\b/i,
  /\bwhatever comes next\b|\bwhatever picks the (?:model|engine)\b/i,
  new RegExp(String.raw`^\S+\s*:\s*${label}[.!]*$`, "i"),
  /^\W*(?:ai[- ])?router\s*[:>]|^\s*you are (?:now )?(?:a|the) (?:router|classifier)\b/i,
  /^\s*\/set\s+\w+=|^\s*\/commit\b/i,
];

/** A genuine request, even if it mentions routing: "write a router that classifies requests as simple". */
const orders =
  /^\s*(?:please )?(?:write|create|build|implement|generate|design|develop|how|explain|what|why|fix|add|compare)\b/i;

/** Removes the sentences of a line that address the router. */
function withoutAddress(line: string): string {
  const sentences = line.split(
    /(?<=[.!?;。！？；])\s+|(?<=[。！？；])|\s+(?=--\s|\/\/\s|#\s|btw\b|anyway\b)|(?<=[.!?])(?=\s*[-–—]{2,}\s)/u,
  );
  const left = sentences.filter(
    (sentence) => orders.test(sentence) || !addresses.some((address) => address.test(sentence)),
  );
  return left.length === sentences.length ? line : left.join(" ");
}
