import { fenced, paragraphs, table } from "../markdown.ts";

export const gitUndo = {
  fits: /\b(?:undo|revert|take back)\b[\s\S]*\bcommit|\bcommit\b[\s\S]*\b(?:undo|revert)\b/i,
  simple: paragraphs(
    "If the commit is not pushed yet, take it back and keep its changes:",
    fenced("sh", "git reset --soft HEAD~1"),
    "If others have it already, make a commit that undoes it instead, so that their history stays valid:",
    fenced("sh", "git revert HEAD"),
    table(
      ["Command", "The commit", "Its changes"],
      [
        ["`git reset --soft HEAD~1`", "gone", "staged"],
        ["`git reset HEAD~1`", "gone", "in the working tree"],
        ["`git reset --hard HEAD~1`", "gone", "**gone**"],
        ["`git revert HEAD`", "stays", "undone by a new commit"],
        ["`git commit --amend`", "replaced", "together with what is staged"],
      ],
    ),
    "A commit that you lost is still in `git reflog` for some weeks.",
  ),
  followUp: paragraphs(
    "On the commit that you wanted to undo: even after `--hard` it is not lost at once. Find it, and point a branch to it.",
    fenced("sh", "git reflog                    # find the line before the reset\ngit branch rescued HEAD@{1}"),
    "What was never committed or staged cannot be found this way.",
  ),
};
