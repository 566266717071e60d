import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Region } from "../../lib/attribution";
import { panned, WHOLE, type Zoom, zoomedAt } from "../../lib/zoom";
import { look, zoom } from "../../state/display";
import { useDeviceWidth } from "./useSize";

export interface Spot {
  readonly x: number;
  readonly y: number;
}

interface PictureCanvasProps {
  label: string;
  caption: ComponentChildren;
  /** The grid that spots and regions are counted in. */
  width: number;
  height: number;
  spot: Spot | null;
  region: Region | null;
  onSpot: (spot: Spot | null) => void;
  /** An element is chosen, by a click or Enter. */
  onChoose?: (spot: Spot) => void;
  draw: (canvas: HTMLCanvasElement, zoom: Zoom) => void;
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const STEP = 1.5;

/**
 * A canvas of the size it has on screen, with a mark on one element and a frame around a region. What of the picture is
 * in sight is the same on every canvas: Ctrl and the wheel, + and −, or a pinch come closer, a drag moves.
 */
export function PictureCanvas(props: PictureCanvasProps) {
  const { width, height, spot, region, draw } = props;
  const [frame, deviceWidth] = useDeviceWidth<HTMLDivElement>();
  const seen = zoom.value;
  useEffect(() => {
    const canvas = frame.current?.querySelector("canvas");
    if (!canvas || deviceWidth === 0) return;
    canvas.width = deviceWidth;
    canvas.height = Math.max(1, Math.round((deviceWidth * height) / width));
    draw(canvas, seen);
  }, [frame, deviceWidth, width, height, draw, seen]);
  useWheel(frame);
  return (
    <figure class="picture" style={{ "--aspect": width / height }}>
      <div class="picture-frame" ref={frame} style={{ aspectRatio: `${width} / ${height}` }}>
        <ReadCanvas {...props} />
        {spot && <Box class="spot" region={cell(spot)} width={width} height={height} />}
        {region && <Box class="region" region={region} width={width} height={height} />}
      </div>
      <figcaption>{props.caption}</figcaption>
    </figure>
  );
}

function ReadCanvas({ label, width, height, spot, onSpot, onChoose }: PictureCanvasProps) {
  const held = useRef<{ x: number; y: number } | null>(null);
  const close = zoom.value.scale > 1;
  return (
    <canvas
      role="img"
      tabIndex={0}
      aria-label={label}
      class={close ? "close" : ""}
      onPointerDown={(event) => {
        if (!close || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        held.current = { x: event.clientX, y: event.clientY };
      }}
      onPointerUp={() => {
        held.current = null;
      }}
      onPointerMove={(event) => {
        if (held.current) held.current = dragged(event, held.current);
        onSpot(spotAt(event, width, height));
      }}
      onClick={(event) => onChoose?.(spotAt(event, width, height))}
      onPointerLeave={() => onSpot(null)}
      onBlur={() => onSpot(null)}
      onDblClick={(event) => {
        const { x, y } = shareAt(event);
        look(zoomedAt(zoom.peek(), 2, x, y));
      }}
      onKeyDown={(event) => {
        if (zoomByKey(event.key)) return event.preventDefault();
        if (event.key === "Enter" && spot) return onChoose?.(spot);
        const next = moved(event.key, spot, width, height);
        if (!next) return;
        event.preventDefault();
        onSpot(next);
      }}
    />
  );
}

/** Ctrl and the wheel, which is also what a pinch on a trackpad sends; the plain wheel scrolls the page. */
function useWheel(frame: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const element = frame.current;
    const turn = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { x, y } = shareAt(event);
      look(zoomedAt(zoom.peek(), 1.002 ** -event.deltaY, x, y));
    };
    element?.addEventListener("wheel", turn, { passive: false });
    return () => element?.removeEventListener("wheel", turn);
  }, [frame]);
}

function dragged(event: PointerEvent, from: { x: number; y: number }): { x: number; y: number } {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const by = (now: number, before: number, of: number) => (before - now) / of;
  look(
    panned(
      zoom.peek(),
      by(event.clientX, from.x, box.width),
      by(event.clientY, from.y, box.height),
    ),
  );
  return { x: event.clientX, y: event.clientY };
}

function zoomByKey(key: string): boolean {
  const { scale, x, y } = zoom.peek();
  const middle = 0.5 / scale;
  if (key === "+" || key === "=") look(zoomedAt(zoom.peek(), STEP, x + middle, y + middle));
  else if (key === "-") look(zoomedAt(zoom.peek(), 1 / STEP, x + middle, y + middle));
  else if (key === "0") look(WHOLE);
  else return false;
  return true;
}

interface BoxProps {
  class: string;
  region: Region;
  width: number;
  height: number;
}

function Box({ class: name, region, width, height }: BoxProps) {
  const { scale, x, y } = zoom.value;
  const part = (size: number, of: number) => `${(100 * scale * size) / of}%`;
  const style = {
    left: part(region.x0 - x * width, width),
    top: part(region.y0 - y * height, height),
    width: part(region.x1 - region.x0, width),
    height: part(region.y1 - region.y0, height),
  };
  return <span class={`picture-box ${name}`} style={style} />;
}

function cell({ x, y }: Spot): Region {
  return { x0: x, y0: y, x1: x + 1, y1: y + 1 };
}

/** The place under the pointer, in shares of the whole picture. */
function shareAt(event: MouseEvent): Spot {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const { scale, x, y } = zoom.peek();
  return {
    x: x + (event.clientX - box.left) / box.width / scale,
    y: y + (event.clientY - box.top) / box.height / scale,
  };
}

function spotAt(event: MouseEvent, width: number, height: number): Spot {
  const { x, y } = shareAt(event);
  const place = (share: number, of: number) =>
    Math.min(of - 1, Math.max(0, Math.floor(share * of)));
  return { x: place(x, width), y: place(y, height) };
}

function moved(key: string, spot: Spot | null, width: number, height: number): Spot | null {
  const move = MOVES[key];
  if (!move) return null;
  if (!spot) return { x: Math.floor(width / 2), y: Math.floor(height / 2) };
  const within = (value: number, of: number) => Math.min(of - 1, Math.max(0, value));
  return { x: within(spot.x + move[0], width), y: within(spot.y + move[1], height) };
}
