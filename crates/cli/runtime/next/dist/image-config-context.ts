// `next/dist/shared/lib/image-config-context.shared-runtime`: the configuration of images, with Next's defaults.
import { createContext } from "react";

/** What `images` in the configuration says, as far as rendering needs it. */
export const ImageConfigContext = createContext({
  deviceSizes: [640, 750, 828, 1080, 1200, 1920, 2048, 3840],
  imageSizes: [32, 48, 64, 96, 128, 256, 384],
  qualities: [75],
  path: "/_next/image",
  loader: "default",
  dangerouslyAllowSVG: false,
  unoptimized: false,
});
