import { type FormEvent, useState } from "react";

export function Composer({ isLoading, send, stop }: Props) {
  const [content, setContent] = useState("");

  function submit(event: FormEvent) {
    event.preventDefault();
    if (content.trim() === "") return;
    send(content);
    setContent("");
  }

  return (
    <form onSubmit={submit}>
      <input
        aria-label="Message"
        placeholder="Ask anything"
        value={content}
        onChange={({ target }) => setContent(target.value)}
      />
      {isLoading && (
        <button type="button" onClick={stop}>
          Stop
        </button>
      )}
      <button type="submit">Send</button>
    </form>
  );
}

interface Props {
  isLoading: boolean;
  send: (content: string) => void;
  stop: () => void;
}
