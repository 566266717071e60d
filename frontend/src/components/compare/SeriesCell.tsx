import { useMemo } from "preact/hooks";
import { PALETTES } from "../../lib/palette";
import type { NumericArray } from "../../lib/safetensors";
import { plotted } from "../../lib/series";
import type { ExampleInput } from "../../state/board";
import { dark } from "../../state/theme";
import { Legend } from "../explain/Legend";
import { SeriesPlot, type SeriesView } from "../explain/SeriesPlot";

interface SeriesCellProps {
  input: ExampleInput;
  view: SeriesView;
  array: NumericArray | null;
  limit: number;
  unsigned: boolean;
  shared: boolean;
  title: string;
}

const HEIGHT = 40;
const MOST = 6;

/** A series in one column, on the colours of its attributions. */
export function SeriesCell(props: SeriesCellProps) {
  const { input, view, array, limit, unsigned, shared, title } = props;
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const found = useMemo(
    () => (array ? plotted(array, view.channels.length, view.layout === "last", shared) : null),
    [array, view, shared],
  );
  return (
    <>
      <SeriesPlot
        label={`${title}: attributions of ${input.name}`}
        plotted={found}
        height={HEIGHT}
        most={MOST}
        brief
        {...{ view, limit, palette, unsigned }}
      />
      {found && (
        <Legend
          palette={palette}
          limit={limit}
          sign={unsigned ? "absolute" : "both"}
          strengths="violet"
          short
        />
      )}
    </>
  );
}
