import { useState } from "preact/hooks";
import type { EditorProps } from "./WhatIf";

interface TextEditorProps extends EditorProps {
  text: string;
}

/** A text to type anew, with its words to take away one by one. */
export function TextEditor({ input, text, onChange }: TextEditorProps) {
  const [typed, setTyped] = useState(text);
  const write = (next: string) => {
    setTyped(next);
    onChange(next === text ? null : next);
  };
  const words = [...typed.matchAll(/\S+/gu)];
  return (
    <>
      <textarea
        class="input"
        dir="auto"
        rows={Math.min(8, 2 + Math.floor(typed.length / 60))}
        aria-label={`Text of ${input.name}`}
        value={typed}
        onInput={(event) => write(event.currentTarget.value)}
      />
      {words.length > 0 && (
        <p class="word-chips" dir="auto">
          <span class="muted">Leave out </span>
          {words.map((match) => (
            <button
              key={match.index}
              type="button"
              class="word-chip"
              aria-label={`Leave out ${match[0]}`}
              onClick={() => write(without(typed, match.index, match[0].length))}
            >
              {match[0]} <span aria-hidden="true">×</span>
            </button>
          ))}
        </p>
      )}
    </>
  );
}

function without(text: string, start: number, length: number): string {
  return (text.slice(0, start) + text.slice(start + length)).replace(/\s+/gu, " ").trim();
}
