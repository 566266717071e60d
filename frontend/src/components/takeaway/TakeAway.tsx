import { useState } from "preact/hooks";
import { csvOf, type Exported, jsonOf } from "../../lib/export";
import { signed } from "../../lib/scale";
import { svgOf } from "../../lib/svg";
import { original, originalShown } from "../../state/beside";
import type { Board, ExampleDetail, ExampleInput } from "../../state/board";
import type { Shown } from "../../state/explain";
import { copyLink } from "../../state/link";
import { resultAddress } from "../../state/results";
import { Button } from "../Button";
import { featuresOf } from "../explain/StrongestFeatures";
import { Popover } from "../method/Popover";
import { drawingOf, lookOf } from "./drawings";
import { fileName, pngOf, save, saveText } from "./files";
import { type ReportTable, reportOf } from "./report";

interface TakeAwayProps {
  board: Board;
  detail: ExampleDetail;
  shown: Shown | null;
}

/** The view as a link, a picture, numbers or a whole report. */
export function TakeAway({ board, detail, shown }: TakeAwayProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const doing = (work: () => Promise<void> | void) => async () => {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const result = shown && !shown.stale ? shown.result : null;
  const name = fileName(board.name, detail.index, shown?.request.method.id ?? "");
  return (
    <Popover title="Take it away" text="Take away">
      <section class="take-away" aria-label="Files">
        <Button onClick={doing(copyLink)}>Copy the link</Button>
        <Button onClick={doing(() => saveReport(board, detail, shown, name))}>Report (HTML)</Button>
        <p class="setting-help">
          One file with what is on screen and the numbers behind it. It opens without AttriBoard and
          without a network.
        </p>
        {shown && (
          <>
            <h3>A panel</h3>
            {detail.inputs
              .filter(({ name }) => shown.arrays[name])
              .map((input) => (
                <PanelFiles
                  key={input.name}
                  input={input}
                  name={name}
                  doing={doing}
                  detail={detail}
                  shown={shown}
                />
              ))}
          </>
        )}
        {result && (
          <>
            <h3>The numbers</h3>
            <div class="take-row">
              <Button
                onClick={doing(() =>
                  saveText(`${name}.csv`, csvOf(exported(detail, result)), "text/csv"),
                )}
              >
                CSV
              </Button>
              <Button
                onClick={doing(() =>
                  saveText(`${name}.json`, jsonOf(exported(detail, result)), "application/json"),
                )}
              >
                JSON
              </Button>
              <a class="btn" href={resultAddress(result.meta.key)} download={`${name}.safetensors`}>
                safetensors
              </a>
            </div>
          </>
        )}
        {problem && (
          <p class="field-error" role="alert">
            {problem}
          </p>
        )}
      </section>
    </Popover>
  );
}

interface PanelFilesProps {
  input: ExampleInput;
  name: string;
  doing: (work: () => Promise<void>) => () => void;
  detail: ExampleDetail;
  shown: Shown;
}

function PanelFiles({ input, name, doing, detail, shown }: PanelFilesProps) {
  const svg = async () => svgOf(await drawingOf(input, detail, shown), lookOf());
  const file = `${name}_${fileName(input.name)}`;
  return (
    <div class="take-row">
      <span class="ellipsis" dir="auto">
        {input.name}
      </span>
      <Button
        label={`${input.name} as PNG`}
        onClick={doing(async () => save(`${file}.png`, await pngOf(await svg())))}
      >
        PNG
      </Button>
      <Button
        label={`${input.name} as SVG`}
        onClick={doing(async () => saveText(`${file}.svg`, await svg(), "image/svg+xml"))}
      >
        SVG
      </Button>
    </div>
  );
}

function exported(detail: ExampleDetail, { meta, arrays }: NonNullable<Shown["result"]>): Exported {
  const names = detail.inputs.flatMap(({ name, view }) =>
    view.kind === "text" ? [[name, view.tokens.map(({ text }) => text)] as const] : [],
  );
  return { meta, arrays, names: Object.fromEntries(names) };
}

async function saveReport(
  board: Board,
  detail: ExampleDetail,
  shown: Shown | null,
  name: string,
): Promise<void> {
  const main = document.getElementById("main");
  if (!main) return;
  const results = [
    { of: "", detail, shown },
    { of: "original: ", detail: original.peek(), shown: originalShown.peek() },
  ];
  const tables = results.flatMap(({ of, detail, shown }) =>
    detail && shown ? tablesOf(of, detail, shown) : [],
  );
  const provenance = results.flatMap(({ shown }) => shown?.result?.meta ?? shown?.request ?? []);
  const data = { board: board.name, title: `Example ${detail.index}`, tables, provenance };
  saveText(`${name}.html`, await reportOf(main, data), "text/html");
}

/** Every word, column or region with its value. */
function tablesOf(of: string, detail: ExampleDetail, shown: Shown): ReportTable[] {
  return detail.inputs
    .map((input) => ({
      title: `${of}${input.name}`,
      rows: featuresOf(input, shown, detail)
        .slice(0, MOST_ROWS)
        .map(({ label, note, value }) => [`${label} ${note}`.trim(), signed(value, 5)] as const),
    }))
    .filter(({ rows }) => rows.length > 0);
}

const MOST_ROWS = 1000;
