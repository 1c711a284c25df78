import type { Spec } from "../api/shapes";

/** A platform's own drawing, as the catalog brings it. As an image it cannot run anything. */
export function PlatformIcon({ spec, size = 20 }: { spec: Spec | undefined; size?: number }) {
  const icon = spec?.attributes.icon;
  if (!icon) return null;
  return <img src={`data:image/svg+xml,${encodeURIComponent(icon)}`} alt="" width={size} height={size} />;
}
