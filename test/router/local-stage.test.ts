import { createRouter, decide, knownTypes } from "conversation-channel-router";
import type { Turn } from "conversation-channel-router/scene.ts";
import { shippedWeights } from "conversation-channel-router/weights.ts";
import { describe, expect, it } from "vitest";

type Message = [content: string, history?: Turn[], context?: Record<string, unknown>];

const after = (question: string, answer: string, content: string): Message => [
  content,
  [
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ],
];

describe("the documented examples", () => {
  it.each<[string, Message]>([
    ["simple", ["What is pattern matching in Elixir?"]],
    ["generation", ["Generate a GenServer that manages a shopping cart"]],
    ["simple", ["What's the difference between Task and GenServer?"]],
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
      [
        "My GenServer keeps crashing with a timeout error",
        [],
        { error_message: "** (exit) exited in: GenServer.call(..., 5000)" },
      ],
    ],
    ["simple", ["How do I implement a GenServer?", [], { skill_level: "beginner", language: "elixir" }]],
  ])("%s", (type, message) => {
    expect(decide(...message).type).toBe(type);
  });
});

describe("a decision", () => {
  const messages: Message[] = [
    [""],
    ["👍"],
    ["\n\n```\n"],
    ["x".repeat(100_000)],
    ["把这个函数改成异步的"],
    ["\u0000\ud800 `".repeat(500)],
    after("hi", "Hello! How can I help?", "why?"),
  ];

  it.each(messages)("is a distribution over the known types", (...message) => {
    const { probabilities, type, confidence } = decide(...message);
    expect(Object.keys(probabilities)).toEqual(knownTypes);
    expect(Object.values(probabilities).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(probabilities[type]).toBe(confidence);
  });

  it("is the same for the same message, whatever was decided in between", () => {
    const first = messages.map((message) => decide(...message));
    expect(messages.toReversed().map((message) => decide(...message))).toEqual(first.toReversed());
  });

  it("is never a follow-up without history", () => {
    expect(decide("and the second one?").probabilities.multi_step).toBe(0);
  });

  it("gives one to three reasons", () => {
    for (const message of messages) {
      const { reasons } = decide(...message);
      expect(reasons.length).toBeGreaterThanOrEqual(1);
      expect(reasons.length).toBeLessThanOrEqual(3);
    }
  });

  it("explains itself in words", () => {
    const trace = "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\nKeyError: 'id'";
    expect(decide(`it crashes\n\n${trace}`).reasons).toContain("It contains a log or a stack trace.");
  });

  it("is sure from the threshold on, whoever sets it", () => {
    const message = "Write a Python script that renames all files of a folder to lower case";
    const { confidence, sure } = decide(message);
    expect(sure).toBe(true);
    expect(decide(message, [], {}, confidence).sure).toBe(true);
    expect(decide(message, [], {}, confidence + 1e-9).sure).toBe(false);
    expect(decide("", [], {}, 0).sure).toBe(true);
    expect(decide(message, [], {}, 1).sure).toBe(false);
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
    expect(decide(content).type).toBe("simple");
  });

  it.each(["thanks!", "great, thank you", "perfect, thanks"])("%s is simple after an answer too", (content) => {
    expect(decide(...after("How do I list files?", "With `ls -la`.", content)).type).toBe("simple");
  });
});

describe("short openers", () => {
  it.each([
    ["problem_solving", "jenkins: docker: command not found"],
    ["problem_solving", "page stays blank after login"],
    ["complex", "kafka or rabbitmq for ~200 msg/s?"],
    ["analysis", "what does src/auth/token.ts do"],
    ["generation", "regex for a german zip code, pls write it"],
    ["simple", "postgres default port"],
  ])("%s: %s", (type, content) => {
    expect(decide(content).type).toBe(type);
  });
});

it("types that the registry lacks are never chosen", () => {
  const engines = { simple: {}, generation: {}, multi_step: {} };
  const few = createRouter({ engines });
  for (const content of [
    "it crashes: KeyError: 'id'",
    "kafka or rabbitmq for ~200 msg/s?",
    "review src/auth/token.ts",
  ]) {
    const { type, probabilities } = few(content);
    expect(Object.keys(probabilities)).toEqual(["simple", "generation", "multi_step"]);
    expect(engines).toHaveProperty(type);
  }
});

it("weights for other signals are refused", () => {
  const weights = { ...shippedWeights(), signals: ["of another version"] };
  expect(() => createRouter({ engines: { simple: {} }, weights })).toThrow(/router:train/);
});
