import type { Feature } from "../../lib/attribution";
import { among } from "../../lib/scale";
import { point, pointedFeature } from "../../state/display";
import { SignedBar } from "./SignedBar";

interface FeatureRowsProps {
  features: readonly Feature[];
  /** Says which input each feature belongs to. */
  named: boolean;
  unsigned: boolean;
}

/** Features with their values as bars. Pointing at one marks it in its input, and the other way round. */
export function FeatureRows({ features, named, unsigned }: FeatureRowsProps) {
  const most = Math.max(0, ...features.map(({ value }) => Math.abs(value)));
  const both = features.some(({ value }) => value < 0);
  if (!features.length) return <p class="panel-note">Nothing: every attribution is zero.</p>;
  return (
    <ul class="feature-rows" onPointerLeave={() => point(null)}>
      {features.map((feature) => (
        <li
          key={`${feature.input} ${feature.id}`}
          class={isPointed(feature) ? "on" : ""}
          onPointerEnter={() => point({ input: feature.input, id: feature.id })}
        >
          <span class="feature-name" title={`${feature.input} ${feature.label} ${feature.note}`}>
            {named && <span class="muted">{feature.input} </span>}
            <bdi>{feature.label}</bdi>
            {feature.note && <span class="muted num"> {feature.note}</span>}
          </span>
          <SignedBar value={feature.value} most={most} centred={both} unsigned={unsigned} />
          <span class="num value">
            {feature.value > 0 && !unsigned && "+"}
            {among(feature.value, most)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function isPointed(feature: Feature): boolean {
  const pointed = pointedFeature.value;
  return pointed?.input === feature.input && pointed.id === feature.id;
}
