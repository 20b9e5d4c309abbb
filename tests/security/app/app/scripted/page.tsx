import Script from "next/script";

type Props = { searchParams: Promise<{ text?: string }> };

/** What a visitor sends is in attributes and in scripts of the app. */
export default async function Scripted({ searchParams }: Props) {
  const { text = "" } = await searchParams;
  const code = `self.said = ${JSON.stringify(text)};`;
  return (
    <main className={text} data-text={text} title={text}>
      SCRIPTED
      <a href={`/open/x?text=${text}`}>open</a>
      <input defaultValue={text} name={text} />
      <Script data-text={text} id={`early-${text}`} src={`/own.txt?${text}`} strategy="beforeInteractive" />
      <Script data-text={text} id="code" strategy="beforeInteractive">
        {code}
      </Script>
      <Script dangerouslySetInnerHTML={{ __html: code }} data-text={text} id="html" strategy="beforeInteractive" />
      <Script data-text={text} id={`late-${text}`} src={`/own.txt?late${text}`} />
      <Script id="idle" strategy="lazyOnload">
        {code}
      </Script>
    </main>
  );
}
