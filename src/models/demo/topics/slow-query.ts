import { fenced, numbered, paragraphs, table } from "../markdown.ts";

const explain = `
EXPLAIN (ANALYZE, BUFFERS)
SELECT * FROM orders WHERE customer_id = 42 ORDER BY created_at DESC LIMIT 20;
`;

const index = `
CREATE INDEX CONCURRENTLY orders_by_customer ON orders (customer_id, created_at DESC);
ANALYZE orders;
`;

export const slowQuery = {
  fits: /\b(?:slow|seq(?:uential)? scan)\b[\s\S]*\b(?:quer(?:y|ies)|postgres\w*|sql|database|table|index)\b|\b(?:quer(?:y|ies)|postgres\w*|sql|database)\b[\s\S]*\b(?:slow\w*|seconds|takes)\b/i,
  problem: {
    hypotheses: [
      "No index fits the filter and the order, so that the whole table is read",
      "The planner's statistics are old, and it takes the wrong plan",
      "The query waits for a lock instead of working",
    ],
    root_cause:
      "No index covers both the filter and the order of the query, so the database reads and sorts the whole table, which got slower as the table grew.",
    solution_steps: [
      "Run the query with EXPLAIN (ANALYZE, BUFFERS) and look for a sequential scan",
      "Create an index on the filtered column, followed by the sorted one",
      "Refresh the statistics with ANALYZE",
      "Run EXPLAIN again and compare the time and the buffers",
    ],
    missing: ["the plan that EXPLAIN (ANALYZE, BUFFERS) shows", "how many rows the table has"],
    answer: paragraphs(
      "**Cause.** The query most likely reads the whole table and sorts it, because no index serves both its filter and its order. That stays unnoticed while the table is small and gets worse with every row.",
      "You can see it in the plan: a `Seq Scan` with a large `Rows Removed by Filter`.",
      fenced("sql", explain),
      "**Fix.** Filter first, then order, in one index:",
      fenced("sql", index),
      table(
        ["In the plan", "Before", "After"],
        [
          ["Access", "`Seq Scan`, then `Sort`", "`Index Scan`, no sort"],
          ["Rows read", "all of the table", "20"],
          ["Grows with", "the table", "the result"],
        ],
      ),
      "**Verify.**",
      numbered([
        "Run `EXPLAIN` again: the scan names `orders_by_customer`.",
        "Watch the time over a day, since caches make a single run look better than it is.",
        "If the plan was already an index scan, look at `pg_stat_activity` for a lock that the query waits for.",
      ]),
      "Send me the plan, and I can say which of the three causes it is.",
    ),
  },
  followUp: paragraphs(
    "On the slow query from before: check that the index is used, rather than that the query is fast once.",
    fenced(
      "sql",
      "SELECT idx_scan, idx_tup_read FROM pg_stat_user_indexes\nWHERE indexrelname = 'orders_by_customer';",
    ),
    "`idx_scan` rises with each use. If it stays at 0, the planner still prefers the sequential scan: compare both plans, and check that the column and the value have the same type.",
  ),
};
