import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Region } from "../../lib/attribution";
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
  draw: (canvas: HTMLCanvasElement) => void;
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A canvas of the size it has on screen, with a mark on one element and a frame around a region. */
export function PictureCanvas(props: PictureCanvasProps) {
  const { width, height, spot, region, onSpot, draw } = props;
  const [frame, deviceWidth] = useDeviceWidth<HTMLDivElement>();
  useEffect(() => {
    const canvas = frame.current?.querySelector("canvas");
    if (!canvas || deviceWidth === 0) return;
    canvas.width = deviceWidth;
    canvas.height = Math.max(1, Math.round((deviceWidth * height) / width));
    draw(canvas);
  }, [frame, deviceWidth, width, height, draw]);
  return (
    <figure class="picture" style={{ "--aspect": width / height }}>
      <div class="picture-frame" ref={frame} style={{ aspectRatio: `${width} / ${height}` }}>
        <canvas
          role="img"
          tabIndex={0}
          aria-label={props.label}
          onPointerMove={(event) => onSpot(spotAt(event, width, height))}
          onPointerLeave={() => onSpot(null)}
          onBlur={() => onSpot(null)}
          onKeyDown={(event) => {
            const next = moved(event.key, spot, width, height);
            if (!next) return;
            event.preventDefault();
            onSpot(next);
          }}
        />
        {spot && <Box class="spot" region={cell(spot)} width={width} height={height} />}
        {region && <Box class="region" region={region} width={width} height={height} />}
      </div>
      <figcaption>{props.caption}</figcaption>
    </figure>
  );
}

interface BoxProps {
  class: string;
  region: Region;
  width: number;
  height: number;
}

function Box({ class: name, region, width, height }: BoxProps) {
  const part = (from: number, of: number) => `${(100 * from) / of}%`;
  const style = {
    left: part(region.x0, width),
    top: part(region.y0, height),
    width: part(region.x1 - region.x0, width),
    height: part(region.y1 - region.y0, height),
  };
  return <span class={`picture-box ${name}`} style={style} />;
}

function cell({ x, y }: Spot): Region {
  return { x0: x, y0: y, x1: x + 1, y1: y + 1 };
}

function spotAt(event: PointerEvent, width: number, height: number): Spot {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const place = (share: number, of: number) =>
    Math.min(of - 1, Math.max(0, Math.floor(share * of)));
  return {
    x: place((event.clientX - box.left) / box.width, width),
    y: place((event.clientY - box.top) / box.height, height),
  };
}

function moved(key: string, spot: Spot | null, width: number, height: number): Spot | null {
  const move = MOVES[key];
  if (!move) return null;
  if (!spot) return { x: Math.floor(width / 2), y: Math.floor(height / 2) };
  const within = (value: number, of: number) => Math.min(of - 1, Math.max(0, value));
  return { x: within(spot.x + move[0], width), y: within(spot.y + move[1], height) };
}
