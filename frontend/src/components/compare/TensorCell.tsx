import { useMemo, useState } from "preact/hooks";
import { strengths } from "../../canvas/matrix";
import { matrixAt } from "../../lib/matrix";
import { PALETTES } from "../../lib/palette";
import type { NumericArray } from "../../lib/safetensors";
import { signed } from "../../lib/scale";
import type { ExampleInput } from "../../state/board";
import { dark } from "../../state/theme";
import { Legend } from "../explain/Legend";
import { type Cell, MatrixCanvas } from "../explain/MatrixCanvas";

interface TensorCellProps {
  input: ExampleInput;
  array: NumericArray | null;
  limit: number;
  unsigned: boolean;
  shared: boolean;
  title: string;
}

/** A tensor's attributions in one column, its leading dimensions taken together. */
export function TensorCell({ input, array, limit, unsigned, shared, title }: TensorCellProps) {
  const [spot, setSpot] = useState<Cell | null>(null);
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const matrix = useMemo(() => (array ? matrixAt(array, [], shared) : null), [array, shared]);
  const shade = useMemo(() => strengths(palette, limit, unsigned), [palette, limit, unsigned]);
  if (!matrix) return null;
  return (
    <>
      <MatrixCanvas
        label={`${title}: attributions of ${input.name}; arrow keys read values`}
        {...{ matrix, shade, spot, onSpot: setSpot }}
      />
      <p class="cell-caption num">
        {spot ? (
          <b>
            [{spot.row}, {spot.column}]{" "}
            {signed(matrix.values[spot.row * matrix.columns + spot.column] ?? 0)}
          </b>
        ) : (
          <Legend
            palette={palette}
            limit={limit}
            sign={unsigned ? "absolute" : "both"}
            strengths="violet"
            short
          />
        )}
      </p>
    </>
  );
}
