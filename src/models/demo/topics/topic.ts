/** What the demo model says about a question, engine by engine. Texts are Markdown. */
export interface Topic {
  /** What the question is about, in its own words. */
  subject: string;
  simple?: string;
  /** The answer to a follow-up question. */
  followUp?: string;
  complex: { parts: { question: string; thought: string }[]; answer: string };
  analysis: { points: string[]; recommendations: string[]; answer: string };
  generation: { steps: string[]; answer: string };
  problem: { hypotheses: string[]; root_cause: string; solution_steps: string[]; missing: string[]; answer: string };
}
