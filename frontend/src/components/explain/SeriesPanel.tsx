import { useMemo } from "preact/hooks";
import { PALETTES } from "../../lib/palette";
import type { NumericArray } from "../../lib/safetensors";
import { plotted, strongestOf, timeOf } from "../../lib/series";
import type { ExampleInput } from "../../state/board";
import { dark } from "../../state/theme";
import { Legend } from "./Legend";
import { Panel } from "./Panel";
import { SeriesPlot, type SeriesView } from "./SeriesPlot";

interface SeriesPanelProps {
  input: ExampleInput;
  /** What tells it apart from another panel of the same input. */
  label: string;
  view: SeriesView;
  array: NumericArray | null;
  unsigned: boolean;
  stale: boolean;
  /** Its part of the strength of all inputs. */
  share: number | null;
  /** A value carries the attribution of the whole feature it belongs to. */
  shared: boolean;
  /** The value in full colour on every input; null where each has its own. */
  limit: number | null;
}

const HEIGHT = 64;
const MOST = 12;

/** Channels over time, on the colours of their attributions, all in one scale. */
export function SeriesPanel(props: SeriesPanelProps) {
  const { input, view, array, unsigned, stale, share, shared } = props;
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const found = useMemo(
    () => (array ? plotted(array, view.channels.length, view.layout === "last", shared) : null),
    [array, view, shared],
  );
  const limit = props.limit ?? (found ? strongestOf(found) : 0);
  return (
    <Panel share={share} title={input.name} label={props.label} note={noteOf(view)} stale={stale}>
      <SeriesPlot
        label={`${props.label}, ${noteOf(view)}`}
        plotted={found}
        height={HEIGHT}
        most={MOST}
        {...{ view, limit, palette, unsigned }}
      />
      {found && (
        <div class="panel-foot">
          <Legend
            palette={palette}
            limit={limit}
            sign={unsigned ? "absolute" : "both"}
            strengths="violet"
          />
        </div>
      )}
    </Panel>
  );
}

function noteOf(view: SeriesView): string {
  const count = view.channels.length;
  const length = `${view.length} ${view.length === 1 ? "value" : "values"}`;
  const time = view.rate === null ? length : `${timeOf(view.length, view)}, ${length}`;
  return count === 1 ? time : `${count} channels, ${time}`;
}
