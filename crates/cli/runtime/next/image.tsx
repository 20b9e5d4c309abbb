// `next/image`: an `<img>` that reserves its space. Images are served as they are: there is no optimizer yet.
import { preload } from "react-dom";
import type { CSSProperties, ImgHTMLAttributes, ReactNode, Ref } from "react";

/** What the import of an image file yields. */
export interface StaticImageData {
  src: string;
  width: number;
  height: number;
  blurDataURL?: string;
  blurWidth?: number;
  blurHeight?: number;
}

/** What a `loader` is told. */
export interface ImageLoaderProps {
  src: string;
  width: number;
  quality?: number;
}

/** Writes the address of an image in a given width. */
export type ImageLoader = (props: ImageLoaderProps) => string;

/** Props of `Image`. */
export interface ImageProps extends Omit<
  ImgHTMLAttributes<HTMLImageElement>,
  "src" | "srcSet" | "alt" | "width" | "height" | "loading"
> {
  src: string | StaticImageData | { default: StaticImageData };
  alt: string;
  width?: number | `${number}`;
  height?: number | `${number}`;
  /** Covers the nearest positioned ancestor. */
  fill?: boolean;
  loader?: ImageLoader;
  quality?: number | `${number}`;
  preload?: boolean;
  /** The earlier name of `preload`. */
  priority?: boolean;
  loading?: "lazy" | "eager";
  placeholder?: "empty" | "blur" | `data:image/${string}`;
  blurDataURL?: string;
  unoptimized?: boolean;
  /** Replaces the `src` attribute. */
  overrideSrc?: string;
  /** The earlier name of `onLoad`. */
  onLoadingComplete?: (image: HTMLImageElement) => void;
  ref?: Ref<HTMLImageElement>;
}

const FILL: CSSProperties = { position: "absolute", height: "100%", width: "100%", inset: 0 };

/** The attributes of the `<img>` that `Image` renders. */
export function getImageProps(props: ImageProps): {
  props: ImgHTMLAttributes<HTMLImageElement> & { ref?: Ref<HTMLImageElement> };
} {
  const {
    src,
    alt,
    width,
    height,
    fill = false,
    loader,
    quality,
    preload: early,
    priority,
    loading,
    placeholder = "empty",
    blurDataURL,
    unoptimized,
    overrideSrc,
    onLoadingComplete: _onLoadingComplete,
    style,
    decoding = "async",
    fetchPriority,
    ...attributes
  } = props;
  const file = typeof src === "string" ? null : "default" in src ? src.default : src;
  const source = file?.src ?? (typeof src === "string" ? src : "");
  if (source === "") throw new Error("Image is missing its `src`");
  const size = { width: number(width) ?? file?.width, height: number(height) ?? file?.height };
  if (!fill && (size.width === undefined || size.height === undefined)) {
    throw new Error(`Image with src "${source}" needs \`width\` and \`height\`, or \`fill\``);
  }
  const eager = early ?? priority ?? false;
  const blur =
    placeholder === "blur" ? (blurDataURL ?? file?.blurDataURL) : placeholder === "empty" ? undefined : placeholder;
  const address =
    loader && !unoptimized ? loader({ src: source, width: size.width ?? 1920, quality: number(quality) }) : source;
  return {
    props: {
      ...attributes,
      alt,
      loading: eager ? undefined : (loading ?? "lazy"),
      ...(fill ? {} : size),
      decoding,
      fetchPriority: fetchPriority ?? (priority ? "high" : undefined),
      ...{ "data-nimg": fill ? "fill" : "1" },
      style: {
        ...(fill ? FILL : {}),
        color: "transparent",
        ...(blur ? { backgroundSize: "cover", backgroundPosition: "50% 50%", backgroundImage: `url("${blur}")` } : {}),
        ...style,
      },
      // Last, so that Safari has read the attributes that decide what to load.
      src: overrideSrc ?? address,
    },
  };
}

function number(value: number | string | undefined): number | undefined {
  const parsed = typeof value === "string" ? Number(value) : value;
  return parsed !== undefined && Number.isFinite(parsed) ? parsed : undefined;
}

/** An image. */
export default function Image(props: ImageProps): ReactNode {
  const { props: attributes } = getImageProps(props);
  if ((props.preload ?? props.priority) && attributes.src) {
    preload(attributes.src, {
      as: "image",
      fetchPriority: attributes.fetchPriority,
      crossOrigin: attributes.crossOrigin,
    });
  }
  return <img {...attributes} />;
}
