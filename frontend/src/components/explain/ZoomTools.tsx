import { WHOLE, zoomedAt } from "../../lib/zoom";
import { look, zoom } from "../../state/display";
import { Button } from "../Button";

const STEP = 1.5;

/** Closer, farther, and the whole picture again; every picture of the page follows. */
export function ZoomTools() {
  const { scale, x, y } = zoom.value;
  const by = (factor: number) =>
    look(zoomedAt(zoom.peek(), factor, x + 0.5 / scale, y + 0.5 / scale));
  return (
    <span class="zoom-tools">
      <Button
        kind="quiet"
        label="Farther"
        title="Farther (−)"
        disabled={scale === 1}
        onClick={() => by(1 / STEP)}
      >
        −
      </Button>
      <Button
        kind="quiet"
        label="The whole picture"
        title="The whole picture (0)"
        disabled={scale === 1}
        onClick={() => look(WHOLE)}
      >
        <span class="num">{scale.toFixed(1)}×</span>
      </Button>
      <Button
        kind="quiet"
        label="Closer"
        title="Closer (+, or Ctrl and the wheel; drag to move)"
        onClick={() => by(STEP)}
      >
        +
      </Button>
    </span>
  );
}
