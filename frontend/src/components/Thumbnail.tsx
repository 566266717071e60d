import { effect } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { type Drawn, drawingAddress, pictureAddress } from "../state/examples";
import { rushing } from "../state/gallery";

interface ThumbnailProps {
  index: number;
  input: Drawn;
  /** Its width on screen, in CSS pixels. */
  width: number;
  /** What a reader says; empty where the text beside it says enough. */
  alt?: string;
}

type State = "loading" | "smooth" | "pixelated" | "failed";

/** An example's whole picture, or a drawing of it, never cropped. Small pictures keep their pixels. */
export function Thumbnail({ index, input, width, alt = "" }: ThumbnailProps) {
  const [state, setState] = useState<State>("loading");
  const source = input.picture
    ? pictureAddress(index, input.name, Math.ceil(width * devicePixelRatio))
    : drawingAddress(index, input.name);
  const [wanted, setWanted] = useState(!rushing.peek());
  useEffect(() => setState("loading"), [source]);
  // What flies by is not asked for.
  useEffect(() => {
    if (wanted) return;
    return effect(() => {
      if (!rushing.value) setWanted(true);
    });
  }, [wanted]);
  if (state === "failed") return <span class="thumbnail failed">No picture of {input.name}</span>;
  if (!wanted) return <span class="thumbnail" />;
  return (
    <img
      class={`thumbnail ${state}`}
      src={source}
      alt={alt}
      loading="lazy"
      decoding="async"
      draggable={false}
      onLoad={(event) =>
        setState(input.picture && event.currentTarget.naturalWidth < width ? "pixelated" : "smooth")
      }
      onError={() => setState("failed")}
    />
  );
}
