import type { ComponentChildren } from "preact";
import type { ApiError } from "../state/board";
import { Button } from "./Button";

interface NoticeProps {
  error: ApiError;
  retry?: (() => void) | undefined;
  /** What the button says, where trying the same again would not help. */
  mend?: string;
}

/** A failure where it happened: a sentence, what mends it, and a way to try again. */
export function Notice({ error, retry, mend = "Try again" }: NoticeProps) {
  return (
    <div class="notice" role="alert">
      <p class="notice-title">{sentence(error.title)}</p>
      {error.detail && <p>{sentence(error.detail)}</p>}
      {retry && <Button onClick={retry}>{mend}</Button>}
    </div>
  );
}

/** Something worth knowing that is no failure. */
export function Hint({ children }: { children: ComponentChildren }) {
  return (
    <div class="notice hint" role="note">
      {children}
    </div>
  );
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
