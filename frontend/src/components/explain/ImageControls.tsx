import type { Sequential } from "../../lib/palette";
import type { Sign } from "../../lib/scale";
import { type DrawMode, display, draw, type ScaleKind } from "../../state/display";
import { Segmented } from "../Segmented";
import { Select } from "../Select";

const MODES: readonly { id: DrawMode; title: string; help: string }[] = [
  { id: "heat", title: "Heat", help: "The attributions alone" },
  { id: "blend", title: "Blend", help: "The attributions over the greyed picture" },
  { id: "mask", title: "Mask", help: "The picture where the attributions are strong" },
  { id: "contour", title: "Contour", help: "Lines around where the attributions are strong" },
];

const SCALES: readonly { id: ScaleKind; title: string }[] = [
  { id: "own", title: "Own scale" },
  { id: "shared", title: "One scale for all" },
];

const SIGNS: readonly { id: Sign; title: string }[] = [
  { id: "both", title: "For and against" },
  { id: "positive", title: "For only" },
  { id: "negative", title: "Against only" },
  { id: "absolute", title: "Strength" },
];

const STRENGTHS: readonly { id: Sequential; title: string }[] = [
  { id: "violet", title: "Violet" },
  { id: "viridis", title: "Viridis" },
  { id: "grey", title: "Grey" },
];

export function ModeSwitch() {
  return (
    <Segmented
      label="How the attributions are drawn"
      options={MODES}
      value={display.value.mode}
      onChange={(mode) => draw("mode", mode)}
    />
  );
}

/** Sign, colours, clipping, opacity and smoothing. Nothing here asks the server. */
export function ImageControls({ unsigned, several }: { unsigned: boolean; several: boolean }) {
  const { mode, sign, strengths, clip, opacity, smooth, scale, swipe } = display.value;
  return (
    <div class="image-controls">
      {!unsigned && (
        <Select
          label="Sign"
          options={SIGNS}
          value={sign}
          onChange={(id) => draw("sign", id as Sign)}
        />
      )}
      {(unsigned || sign === "absolute") && mode !== "mask" && (
        <Select
          label="Colours"
          options={STRENGTHS}
          value={strengths}
          onChange={(id) => draw("strengths", id as Sequential)}
        />
      )}
      {several && (
        <Select
          label="Scale"
          options={SCALES}
          value={scale}
          onChange={(id) => draw("scale", id as ScaleKind)}
        />
      )}
      <Slider
        name="clip"
        help="Values stronger than this percentile are drawn in full colour"
        min={90}
        max={100}
        step={0.5}
        value={clip}
        onChange={(value) => draw("clip", value)}
      />
      {(mode === "blend" || mode === "mask") && (
        <Slider
          name="opacity"
          help="How strongly the attributions cover the picture"
          min={0}
          max={100}
          step={5}
          value={opacity}
          onChange={(value) => draw("opacity", value)}
        />
      )}
      <label class="check" title="Original and attribution in one frame, with an edge to move">
        <input
          type="checkbox"
          checked={swipe !== null}
          onChange={(event) => draw("swipe", event.currentTarget.checked ? 50 : null)}
        />
        swipe
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={smooth}
          onChange={(event) => draw("smooth", event.currentTarget.checked)}
        />
        smooth
      </label>
    </div>
  );
}

interface SliderProps {
  name: string;
  help: string;
  min: number;
  max: number;
  step: number;
  value: number;
  onChange: (value: number) => void;
}

function Slider({ name, help, min, max, step, value, onChange }: SliderProps) {
  return (
    <label class="slider" title={help}>
      {name}
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      <span class="num">{value} %</span>
    </label>
  );
}
