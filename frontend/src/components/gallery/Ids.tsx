import { useState } from "preact/hooks";
import { count, integer } from "../../lib/format";
import { idsIn } from "../../lib/ids";
import type { ApiError, Board, Found } from "../../state/board";
import { allIndices, findIds } from "../../state/ids";
import { changeTags } from "../../state/marks";
import { asError } from "../../state/resource";
import { select } from "../../state/selection";
import { navigate } from "../../state/url";
import { Button } from "../Button";
import { Notice } from "../Notice";
import { Select } from "../Select";
import { exportIds } from "./export";
import { Group } from "./Group";

const IDENTIFYING = new Set(["index", "metadata"]);

/** The list's ids as a file, and ids from a file or pasted as a selection. */
export function Ids({ board }: { board: Board }) {
  const [text, setText] = useState("");
  const [column, setColumn] = useState("index");
  const [tag, setTag] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const columns = board.catalog.columns.filter(({ role }) => IDENTIFYING.has(role));
  const told = async (work: () => Promise<void>) => {
    setError(null);
    setFound(null);
    await work().catch((problem: unknown) => setError(asError(problem)));
  };
  const take = async () => {
    const answer = await findIds(column, idsIn(text, column));
    select(answer.examples);
    setFound(answer);
    if (tag.trim() === "" || answer.examples.length === 0) return;
    if (await changeTags(answer.examples, [tag])) navigate({ tag: tag.trim() });
  };
  const save = async (kind: "csv" | "json") => exportIds(kind, await allIndices());
  return (
    <Group title="Ids" folded>
      <div class="ids-row">
        <span class="muted">Save those listed</span>
        <Button onClick={() => void told(() => save("csv"))}>CSV</Button>
        <Button onClick={() => void told(() => save("json"))}>JSON</Button>
      </div>
      <textarea
        class="input"
        rows={3}
        placeholder="Paste ids, or choose a file"
        aria-label="Ids to select"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <input
        type="file"
        accept=".csv,.json,.txt,.tsv"
        aria-label="File with ids"
        onChange={(event) => void event.currentTarget.files?.[0]?.text().then(setText)}
      />
      {columns.length > 1 && (
        <Select
          label="Column of the ids"
          value={column}
          options={columns.map(({ name }) => ({ id: name, title: `by ${name}` }))}
          onChange={setColumn}
        />
      )}
      <div class="ids-row">
        <input
          class="input"
          placeholder="Tag them (optional)"
          aria-label="Tag for the ids"
          maxLength={64}
          value={tag}
          onInput={(event) => setTag(event.currentTarget.value)}
        />
        <Button onClick={() => void told(take)} disabled={text.trim() === ""}>
          Select
        </Button>
      </div>
      {found && (
        <p role="status">
          {count(found.examples.length, "example")} selected.
          {found.missing_count > 0 &&
            ` ${integer(found.missing_count)} not found: ${found.missing.slice(0, 5).join(", ")}${found.missing_count > 5 ? " …" : ""}.`}
        </p>
      )}
      {error && <Notice error={error} />}
    </Group>
  );
}
