/**
 * Identifiers in a text that a person pasted or a file held: a JSON list, or one a line or separated by
 * commas, semicolons or tabs. Of a table only the column called `column` is taken, else the first.
 */
export function idsIn(text: string, column = "index"): string[] {
  const json = fromJson(text, column);
  if (json) return json;
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const head = cells(lines[0] ?? "");
  const place = head.indexOf(column);
  if (place >= 0) return tidy(lines.slice(1).map((line) => cells(line)[place] ?? ""));
  return tidy(lines.flatMap(cells));
}

function fromJson(text: string, column: string): string[] | null {
  try {
    const found: unknown = JSON.parse(text);
    const list = Array.isArray(found) ? found : [found];
    return tidy(
      list.map((entry) => {
        const value =
          entry !== null && typeof entry === "object"
            ? (entry as Record<string, unknown>)[column]
            : entry;
        return value === null || value === undefined ? "" : String(value);
      }),
    );
  } catch {
    return null;
  }
}

function cells(line: string): string[] {
  return line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^(["'])(.*)\1$/, "$2"));
}

function tidy(values: string[]): string[] {
  return [...new Set(values.map((value) => value.trim()).filter((value) => value !== ""))];
}
