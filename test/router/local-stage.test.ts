import { classify, guesser, knownTypes } from "conversation-channel-router";
import type { Incoming } from "conversation-channel-router/scene.ts";
import { shippedWeights } from "conversation-channel-router/weights.ts";
import { describe, expect, it } from "vitest";

const opened = (content: string, context: Incoming["context"] = {}): Incoming => ({ content, context, history: [] });

const after = (question: string, answer: string, content: string): Incoming => ({
  content,
  context: {},
  history: [
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ],
});

describe("the documented examples", () => {
  it.each([
    ["simple", opened("What is pattern matching in Elixir?")],
    ["generation", opened("Generate a GenServer that manages a shopping cart")],
    ["simple", opened("What's the difference between Task and GenServer?")],
    [
      "multi_step",
      after(
        "What's the difference between Task and GenServer?",
        "A Task runs one computation and ends; a GenServer lives on, keeps state and answers messages.",
        "When should I use each one?",
      ),
    ],
    [
      "problem_solving",
      opened("My GenServer keeps crashing with a timeout error", {
        error_message: "** (exit) exited in: GenServer.call(..., 5000)",
      }),
    ],
    ["simple", opened("How do I implement a GenServer?", { skill_level: "beginner", language: "elixir" })],
  ])("%s", (type, message) => {
    expect(classify(message).type).toBe(type);
  });
});

describe("a guess", () => {
  const messages = [
    opened(""),
    opened("👍"),
    opened("\n\n```\n"),
    opened("x".repeat(100_000)),
    opened("把这个函数改成异步的"),
    opened("\u0000\ud800 `".repeat(500)),
    after("hi", "Hello! How can I help?", "why?"),
  ];

  it.each(messages)("is a distribution over the known types", (message) => {
    const { probabilities, type, confidence } = classify(message);
    expect(Object.keys(probabilities)).toEqual(knownTypes);
    expect(Object.values(probabilities).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(probabilities[type]).toBe(confidence);
  });

  it("is the same for the same message, whatever was classified in between", () => {
    const first = messages.map((message) => classify(message));
    expect(messages.toReversed().map((message) => classify(message))).toEqual(first.toReversed());
  });

  it("is never a follow-up without history", () => {
    expect(classify(opened("and the second one?")).probabilities.multi_step).toBe(0);
  });

  it("gives one to three reasons", () => {
    for (const message of messages) {
      const { reasons } = classify(message);
      expect(reasons.length).toBeGreaterThanOrEqual(1);
      expect(reasons.length).toBeLessThanOrEqual(3);
    }
  });

  it("explains itself in words", () => {
    const trace = "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\nKeyError: 'id'";
    expect(classify(opened(`it crashes\n\n${trace}`)).reasons).toContain("It contains a log or a stack trace.");
  });
});

describe("small talk", () => {
  it.each([
    "hi!",
    "thanks a lot",
    "hello there",
    "danke dir!",
    "gracias",
    "merci beaucoup",
    "bye",
    "thx",
    "你好",
    "ありがとう",
  ])("%s is simple", (content) => {
    expect(classify(opened(content)).type).toBe("simple");
  });

  it.each(["thanks!", "great, thank you", "perfect, thanks"])("%s is simple after an answer too", (content) => {
    expect(classify(after("How do I list files?", "With `ls -la`.", content)).type).toBe("simple");
  });
});

describe("an engine that the weights were not trained on", () => {
  it("makes every guess unsure", () => {
    const message = opened("Write a Python script that renames all files of a folder to lower case");
    expect(classify(message).sure).toBe(true);
    expect(classify(message, [...knownTypes, "planning"]).sure).toBe(false);
  });
});

it("weights for other signals are refused", () => {
  expect(() => guesser({ ...shippedWeights(), signals: ["of another version"] })).toThrow(/router:train/);
});
