import { aboutShown, hideAbout } from "../state/about";
import { board } from "../state/board";

/** What there is to see on this board, in a line or two, until the reader puts it away. */
export function About() {
  const info = board.value;
  if (!info?.about || !aboutShown(info.name)) return null;
  return (
    <aside class="about" aria-label="About this board">
      <p>{info.about}</p>
      <button
        type="button"
        class="about-hide"
        aria-label="Hide what this board is about"
        title="Hide"
        onClick={() => hideAbout(info.name)}
      >
        ×
      </button>
    </aside>
  );
}
