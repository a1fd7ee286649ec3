import { type FormEvent, useState } from "react";

interface Props {
  isBusy: boolean;
  onSend: (text: string) => void;
  onStop: () => void;
}

export function Composer({ isBusy, onSend, onStop }: Props) {
  const [text, setText] = useState("");

  function submit(event: FormEvent) {
    event.preventDefault();
    if (text.trim() === "" || isBusy) return;
    onSend(text);
    setText("");
  }

  return (
    <form onSubmit={submit}>
      <input
        aria-label="Message"
        placeholder="Ask anything"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      {isBusy ? (
        <button type="button" onClick={onStop}>
          Stop
        </button>
      ) : (
        <button type="submit">Send</button>
      )}
    </form>
  );
}
