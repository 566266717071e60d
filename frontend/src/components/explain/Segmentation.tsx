import { useCallback, useMemo, useState } from "preact/hooks";
import { drawClasses } from "../../canvas/classes";
import { percent, probability } from "../../lib/format";
import { css, kindColour, PALETTES } from "../../lib/palette";
import { type HeadInfo, type Span, spanAt } from "../../lib/places";
import type { Zoom } from "../../lib/zoom";
import type { ExampleDetail } from "../../state/board";
import { type Coloured, colour, coloured } from "../../state/display";
import { pictureAddress } from "../../state/examples";
import { choosePlace, place, placesNow, predictionOf } from "../../state/explain";
import { dark } from "../../state/theme";
import { Segmented } from "../Segmented";
import { usePicture } from "./ImagePanel";
import { Panel } from "./Panel";
import { PictureCanvas, type Spot } from "./PictureCanvas";

const SHOWS: readonly { id: Coloured; title: string; help: string }[] = [
  { id: "predicted", title: "Predicted", help: "The class predicted at each pixel" },
  { id: "label", title: "Label", help: "The class each pixel has in the label" },
  { id: "wrong", title: "Wrong", help: "What is predicted where that differs from the label" },
];
const LISTED = 12;
const WIDEST = 1024;

/** The class predicted at each pixel; a click chooses the pixel that is explained. */
export function Segmentation({ detail }: { detail: ExampleDetail }) {
  const places = placesNow.value;
  const found = predictionOf()?.places;
  if (!places || !found) return null;
  const span = spanAt(places, place.value ?? found.place);
  if (span.what !== "pixel") return null;
  return <Pixels key={span.index} {...{ detail, span, found }} />;
}

interface PixelsProps {
  detail: ExampleDetail;
  /** The head that has the pixels. */
  span: Span;
  found: { classes: number[]; shares: (number | null)[] };
}

function Pixels({ detail, span, found }: PixelsProps) {
  const show = coloured.value;
  const [spot, setSpot] = useState<Spot | null>(null);
  const picture = usePicture(addressOf(detail, span.of));
  const { head, first, count, background } = span;
  const [height = 1, width = 1] = span.shape;
  const classes = useMemo(() => found.classes.slice(first, first + count), [found, first, count]);
  const labels = useMemo(() => {
    const known = detail.label_places?.slice(first, first + count);
    return known?.length === count ? known : null;
  }, [detail, first, count]);
  const shown = show === "label" && labels ? labels : classes;
  const differs = useCallback(
    (pixel: number) => (labels?.[pixel] ?? -1) >= 0 && labels?.[pixel] !== classes[pixel],
    [labels, classes],
  );
  const neutral = PALETTES[dark.value ? "dark" : "light"].neutral;
  const draw = useCallback(
    (canvas: HTMLCanvasElement, zoom: Zoom) =>
      drawClasses(
        canvas,
        picture,
        { width, height, classes: shown },
        show === "wrong" ? null : background,
        show === "wrong" && labels ? differs : null,
        neutral,
        zoom,
      ),
    [picture, shown, show, labels, differs, neutral, width, height, background],
  );
  const chosen = place.value === null ? null : place.value - first;
  const at = spot ? spot.y * width + spot.x : chosen;
  return (
    <Panel title="Segmentation" note={`${width} × ${height}`}>
      <div class="picture-pair">
        <PictureCanvas
          label="Classes of the pixels; choose the one to explain"
          caption="Click a pixel to explain its class"
          width={width}
          height={height}
          spot={spot}
          region={chosen === null ? null : regionOf(chosen, width)}
          onSpot={setSpot}
          onChoose={({ x, y }) => choosePlace(first + y * width + x)}
          draw={draw}
        />
      </div>
      {at !== null && (
        <p class="readout num">
          x {at % width}, y {Math.floor(at / width)} <b>{nameOf(head, classes[at])}</b>{" "}
          {probability(found.shares[first + at] ?? Number.NaN)}
          {labels && differs(at) && <span class="wrong"> label {nameOf(head, labels[at])}</span>}
        </p>
      )}
      <div class="panel-foot">
        {labels && (
          <Segmented label="What is coloured" options={SHOWS} value={show} onChange={colour} />
        )}
        <Classes {...{ head, background }} classes={shown} />
      </div>
    </Panel>
  );
}

interface ClassesProps {
  head: HeadInfo;
  background: number | null;
  classes: readonly number[];
}

/** The classes there are, by how much of the picture they take. */
function Classes({ head, background, classes }: ClassesProps) {
  const counts = useMemo(() => {
    const found = new Map<number, number>();
    for (const kind of classes) found.set(kind, (found.get(kind) ?? 0) + 1);
    found.delete(-1);
    return [...found].sort((a, b) => b[1] - a[1]).slice(0, LISTED);
  }, [classes]);
  return (
    <ul class="class-list" aria-label="Classes in this picture">
      {counts.map(([kind, count]) => (
        <li key={kind}>
          <i
            class="class-swatch"
            style={kind === background ? {} : { backgroundColor: css(kindColour(kind)) }}
          />
          <span dir="auto">{nameOf(head, kind)}</span>
          <span class="muted num">{percent(count / classes.length)}</span>
        </li>
      ))}
    </ul>
  );
}

function nameOf({ names }: HeadInfo, kind: number | undefined): string {
  return kind === undefined ? "" : (names[kind] ?? `class ${kind}`);
}

function regionOf(pixel: number, width: number) {
  const [x, y] = [pixel % width, Math.floor(pixel / width)];
  return { x0: x, y0: y, x1: x + 1, y1: y + 1 };
}

/** The address of the picture that the pixels are of. */
function addressOf({ index, inputs }: ExampleDetail, name: string | null): string | null {
  const input = inputs.find((known) => known.name === name);
  return input?.media ? pictureAddress(index, input.name, WIDEST) : null;
}
