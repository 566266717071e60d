import { useEffect, useRef } from "preact/hooks";
import { drawMatrix, type Shade } from "../../canvas/matrix";
import type { Matrix } from "../../lib/matrix";

/** Row and column. */
export interface Cell {
  row: number;
  column: number;
}

interface MatrixCanvasProps {
  label: string;
  matrix: Matrix;
  shade: Shade;
  spot: Cell | null;
  onSpot: (spot: Cell | null) => void;
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};
/** CSS pixels: a matrix fills the width, and its height follows within these. */
const LOWEST = 28;
const HIGHEST = 280;

/** Numbers as cells of colour, to be read with the pointer or the arrow keys. */
export function MatrixCanvas({ label, matrix, shade, spot, onSpot }: MatrixCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { rows, columns } = matrix;
  useEffect(() => {
    if (canvas.current) drawMatrix(canvas.current, matrix, shade);
  }, [matrix, shade]);
  const at = (event: PointerEvent): Cell => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const within = (share: number, count: number) =>
      Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    return {
      row: within((event.clientY - box.top) / box.height, rows),
      column: within((event.clientX - box.left) / box.width, columns),
    };
  };
  return (
    <div class="matrix">
      <canvas
        ref={canvas}
        role="img"
        tabIndex={0}
        aria-label={label}
        style={{ aspectRatio: `${columns} / ${rows}`, minHeight: LOWEST, maxHeight: HIGHEST }}
        onPointerMove={(event) => onSpot(at(event))}
        onPointerLeave={() => onSpot(null)}
        onBlur={() => onSpot(null)}
        onKeyDown={(event) => {
          const move = MOVES[event.key];
          if (!move) return;
          event.preventDefault();
          const from = spot ?? { row: 0, column: -1 };
          onSpot({
            row: Math.max(0, Math.min(rows - 1, from.row + move[0])),
            column: Math.max(0, Math.min(columns - 1, from.column + move[1])),
          });
        }}
      />
      {spot && (
        <i
          class="matrix-spot"
          style={{
            left: `${(100 * spot.column) / columns}%`,
            top: `${(100 * spot.row) / rows}%`,
            width: `${100 / columns}%`,
            height: `${100 / rows}%`,
          }}
        />
      )}
    </div>
  );
}
