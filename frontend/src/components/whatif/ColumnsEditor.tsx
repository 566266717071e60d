import { useState } from "preact/hooks";
import type { TableColumn } from "../../state/board";
import type { EditorProps } from "./WhatIf";

interface ColumnsEditorProps extends EditorProps {
  columns: readonly TableColumn[];
}

/** The row's values, one field a column; an empty field is a missing value. */
export function ColumnsEditor({ columns, onChange }: ColumnsEditorProps) {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const write = (name: string, text: string) => {
    const next = { ...texts, [name]: text };
    setTexts(next);
    const changed = columns.filter((column) => differs(column, next[column.name]));
    const values = changed.map((column) => [column.name, readAs(column, next[column.name] ?? "")]);
    onChange(values.length ? { columns: Object.fromEntries(values) } : null);
  };
  return (
    <div class="column-fields">
      {columns.map((column) => (
        <label key={column.name} class="column-field">
          <span class="ellipsis" title={column.name}>
            {column.name}
            {column.unit && <span class="muted"> {column.unit}</span>}
          </span>
          <input
            class={`input ${differs(column, texts[column.name]) ? "changed" : ""}`}
            value={texts[column.name] ?? textOf(column)}
            placeholder="missing"
            autocomplete="off"
            onInput={(event) => write(column.name, event.currentTarget.value)}
          />
        </label>
      ))}
    </div>
  );
}

function textOf({ value }: TableColumn): string {
  return value === null ? "" : String(value);
}

function differs(column: TableColumn, text: string | undefined): boolean {
  return text !== undefined && text.trim() !== textOf(column);
}

function readAs({ value }: TableColumn, text: string): string | number | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  return typeof value !== "string" && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}
