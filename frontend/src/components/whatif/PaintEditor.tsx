import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Fill, paintedPicture, type Stroke } from "../../canvas/paint";
import { base64, payloadOf } from "../../state/edits";
import { mediaAddress } from "../../state/examples";
import { Button } from "../Button";
import { usePicture } from "../explain/ImagePanel";
import { FileField } from "../FileField";
import { Segmented } from "../Segmented";
import { Select } from "../Select";
import type { EditorProps } from "./WhatIf";

type Tool = Stroke["kind"];

const TOOLS: readonly { id: Tool; title: string; help: string }[] = [
  { id: "box", title: "Box", help: "Drag from one corner to the other" },
  { id: "brush", title: "Brush", help: "Paint along the way of the pointer" },
  { id: "restore", title: "Restore", help: "A brush that brings the picture back" },
];

const FILLS: readonly { id: Fill; title: string }[] = [
  { id: "mean", title: "its mean colour" },
  { id: "blur", title: "blurred" },
  { id: "black", title: "black" },
  { id: "white", title: "white" },
  { id: "colour", title: "a colour" },
];

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The picture as the model sees it, to cover or paint; or another one in its place. */
export function PaintEditor({ input, example, onChange }: EditorProps) {
  const picture = usePicture(input.media === null ? null : mediaAddress(example, input.name));
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [tool, setTool] = useState<Tool>("box");
  const [fill, setFill] = useState<Fill>("mean");
  const [colour, setColour] = useState("#d02020");
  const [size, setSize] = useState(8);
  const [dropped, setDropped] = useState<string | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const paint = useMemo(
    () => (picture ? paintedPicture(picture.image, picture.width, picture.height) : null),
    [picture],
  );
  useEffect(() => {
    if (canvas.current && paint) paint(canvas.current, strokes);
  }, [paint, strokes, dropped]);
  const hand = (all: readonly Stroke[]) => {
    setStrokes(all);
    if (all.length === 0) onChange(null);
    else
      requestAnimationFrame(() =>
        canvas.current?.toBlob((blob) => {
          if (blob) void base64(blob).then((text) => onChange({ painted: text }));
        }, "image/png"),
      );
  };
  const take = (file: File | null) => {
    setStrokes([]);
    setDropped(file && URL.createObjectURL(file));
    if (file) void payloadOf(file).then(onChange);
    else onChange(null);
  };
  useEffect(() => () => URL.revokeObjectURL(dropped ?? ""), [dropped]);
  const width = picture?.width ?? 1;
  const height = picture?.height ?? 1;
  const diameter = Math.max(1, (size / 100) * Math.max(width, height));
  const begin = (point: readonly [number, number]): Stroke => ({
    kind: tool,
    points: [point],
    size: diameter,
    fill,
    colour,
  });
  return (
    <div class="paint">
      <div class="paint-tools">
        <Segmented label="Tool" options={TOOLS} value={tool} onChange={setTool} />
        {tool !== "restore" && (
          <Select
            label="Cover with"
            options={FILLS}
            value={fill}
            onChange={(id) => setFill(id as Fill)}
          />
        )}
        {tool !== "restore" && fill === "colour" && (
          <input
            type="color"
            aria-label="Colour"
            value={colour}
            onInput={(event) => setColour(event.currentTarget.value)}
          />
        )}
        {tool !== "box" && (
          <label class="slider">
            size
            <input
              type="range"
              min={1}
              max={40}
              value={size}
              onInput={(event) => setSize(event.currentTarget.valueAsNumber)}
            />
          </label>
        )}
        <Button onClick={() => hand(strokes.slice(0, -1))} disabled={!strokes.length}>
          Undo
        </Button>
      </div>
      {dropped ? (
        <p class="dropped">
          <img src={dropped} alt={`What takes the place of ${input.name}`} />
          <Button onClick={() => take(null)}>Back to the picture as it was</Button>
        </p>
      ) : (
        <PaintCanvas
          canvas={canvas}
          label={`Paint over ${input.name}: arrow keys move, Space paints`}
          width={width}
          height={height}
          begin={begin}
          strokes={strokes}
          onDraw={setStrokes}
          onEnd={hand}
        />
      )}
      <FileField
        label={`Another picture in place of ${input.name}`}
        accept="image/png,image/jpeg,image/webp,image/gif,image/bmp"
        onFile={take}
      />
    </div>
  );
}

interface PaintCanvasProps {
  canvas: { readonly current: HTMLCanvasElement | null };
  label: string;
  width: number;
  height: number;
  begin: (point: readonly [number, number]) => Stroke;
  strokes: readonly Stroke[];
  onDraw: (strokes: readonly Stroke[]) => void;
  onEnd: (strokes: readonly Stroke[]) => void;
}

function PaintCanvas(props: PaintCanvasProps) {
  const { canvas, label, width, height, begin, strokes, onDraw, onEnd } = props;
  const held = useRef<Stroke | null>(null);
  const before = useRef<readonly Stroke[]>([]);
  const [spot, setSpot] = useState<readonly [number, number] | null>(null);
  const at = (event: PointerEvent): readonly [number, number] => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * width,
      ((event.clientY - box.top) / box.height) * height,
    ];
  };
  const grow = (point: readonly [number, number]) => {
    const { current } = held;
    if (!current) return;
    const points =
      current.kind === "box" ? [current.points[0] ?? point, point] : [...current.points, point];
    held.current = { ...current, points };
    onDraw([...before.current, held.current]);
  };
  const end = () => {
    if (held.current) onEnd([...before.current, held.current]);
    held.current = null;
  };
  return (
    <div class="paint-frame" style={{ "--aspect": width / height }}>
      <canvas
        ref={canvas as { current: HTMLCanvasElement | null }}
        role="img"
        tabIndex={0}
        aria-label={label}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          before.current = strokes;
          held.current = begin(at(event));
          grow(at(event));
        }}
        onPointerMove={(event) => grow(at(event))}
        onPointerUp={end}
        onPointerCancel={end}
        onKeyDown={(event) => {
          const step = STEPS[event.key];
          const place = spot ?? [width / 2, height / 2];
          const by = Math.max(1, width / 32);
          if (step) setSpot([place[0] + by * step[0], place[1] + by * step[1]]);
          else if (event.key === " ") onEnd([...strokes, dab(begin(place), by)]);
          else return;
          event.preventDefault();
        }}
        onBlur={() => setSpot(null)}
      />
      {spot && (
        <span
          class="paint-spot"
          style={{ left: `${(100 * spot[0]) / width}%`, top: `${(100 * spot[1]) / height}%` }}
        />
      )}
    </div>
  );
}

/** What a press of Space paints: a box around the place, or a touch of the brush. */
function dab(stroke: Stroke, by: number): Stroke {
  const [x, y] = stroke.points[0] ?? [0, 0];
  if (stroke.kind !== "box") return stroke;
  return {
    ...stroke,
    points: [
      [x - 2 * by, y - 2 * by],
      [x + 2 * by, y + 2 * by],
    ],
  };
}
