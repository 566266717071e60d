import { Dialog } from "./Dialog";

const KEYS: readonly { title: string; keys: readonly [string, string][] }[] = [
  {
    title: "Everywhere",
    keys: [
      ["?", "This list"],
      ["Ctrl+K", "Search or run: views, methods, filters, examples"],
      ["g e", "Go to Examples"],
      ["g x", "Go to Explain"],
      ["g c", "Go to Compare"],
      ["g m", "Go to Modalities"],
      ["g d", "Go to Dataset"],
      ["g t", "Go to Trust"],
      ["Tab", "Next control"],
      ["Esc", "Close what is open"],
    ],
  },
  {
    title: "Examples",
    keys: [
      ["/", "Search"],
      ["← → ↑ ↓", "Move among the examples"],
      ["Home End", "First, last example"],
      ["Page ↑ ↓", "A screen up, down"],
      ["Enter", "Explain the example"],
      ["Space", "Select the example"],
      ["Shift+↑↓", "Select on the way"],
      ["Ctrl+A", "Select all that match"],
      ["Esc", "Select nothing"],
      ["t", "Tag what is selected"],
      ["p", "Pin the example"],
      ["n", "Similar examples"],
    ],
  },
  {
    title: "Explain, Compare",
    keys: [
      ["j →", "Next example"],
      ["k ←", "Earlier example"],
      ["e", "What if: change the inputs, in Explain"],
      ["p", "Pin the example, in Explain"],
      ["+ − 0", "Closer, farther, all of a picture that has the focus"],
      ["← → ↑ ↓", "Move over a picture that has the focus"],
      [", .", "Earlier, later frame of a clip"],
      ["v", "Play or pause a clip"],
      ["m", "Measure how faithful it is; in Compare, every column"],
    ],
  },
  {
    title: "Modalities",
    keys: [
      ["n", "Net"],
      ["m", "Magnitude"],
      ["s", "Shapley"],
      ["i", "Next input"],
      ["c", "Compute what is missing"],
    ],
  },
  { title: "Dataset", keys: [["c", "Sum up the attributions"]] },
];

export function KeySheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div class="key-sheet">
        {KEYS.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.keys.map(([keys, meaning]) => (
                <div key={keys}>
                  <dt>
                    {keys.split(" ").map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
