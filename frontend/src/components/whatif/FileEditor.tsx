import { payloadOf } from "../../state/edits";
import { FileField } from "../FileField";
import type { EditorProps } from "./WhatIf";

/** An input that this page cannot change, but a file can take the place of. */
export function FileEditor({ input, onChange }: EditorProps) {
  return (
    <FileField
      label={`A file in place of ${input.name}`}
      onFile={(file) => void payloadOf(file).then(onChange)}
    />
  );
}
