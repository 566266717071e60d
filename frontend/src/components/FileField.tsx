import { useState } from "preact/hooks";

interface FileFieldProps {
  label: string;
  accept?: string;
  onFile: (file: File) => void;
}

/** A file, chosen or dropped. */
export function FileField({ label, accept, onFile }: FileFieldProps) {
  const [over, setOver] = useState(false);
  const [name, setName] = useState("");
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (!file) return;
    setName(file.name);
    onFile(file);
  };
  return (
    <label
      class={`file-field ${over ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <span>{label}</span>
      <span class="muted">{name || "drop it here, or choose one"}</span>
      <input type="file" accept={accept} onChange={(event) => take(event.currentTarget.files)} />
    </label>
  );
}
