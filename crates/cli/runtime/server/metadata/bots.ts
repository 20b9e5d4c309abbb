// Who reads only the head of a document, and runs none of its scripts: previews in chats, some crawlers.

/** The agents that Next names. */
const HTML_LIMITED =
  /[\w-]+-Google|Google-[\w-]+|Chrome-Lighthouse|Slurp|DuckDuckBot|baiduspider|yandex|sogou|bitlybot|tumblr|vkShare|quora link preview|redditbot|ia_archiver|Bingbot|BingPreview|applebot|facebookexternalhit|facebookcatalog|Twitterbot|LinkedInBot|Slackbot|Discordbot|WhatsApp|SkypeUriPreview|Yeti|googleweblight/i;

/** No agent needs more to be known, and a pattern of the app's own gets no more to chew on. */
const LENGTH = 512;

/** Whether metadata has to be in the head before anything is sent. `pattern`: the app's `htmlLimitedBots`. */
export function isHtmlLimited(userAgent: string | undefined, pattern?: RegExp): boolean {
  return userAgent !== undefined && (pattern ?? HTML_LIMITED).test(userAgent.slice(0, LENGTH));
}
