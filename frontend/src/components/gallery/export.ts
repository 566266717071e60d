import { saveFile } from "../../lib/download";

/** Hands the indices over as a file: one a line, or a JSON list. */
export function exportIds(kind: "csv" | "json", indices: readonly number[]): void {
  if (kind === "csv") saveFile("examples.csv", "text/csv", `index\n${indices.join("\n")}\n`);
  else saveFile("examples.json", "application/json", JSON.stringify([...indices]));
}
