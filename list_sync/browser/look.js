// What a page shows at this moment, as one value. Arguments: what is waited for, what is clicked to get past a page
// that stands before it, what leads to the next page; all CSS selectors, the last two may be null.
const [waitFor, accept, next] = arguments;
const root = document.documentElement;

const isClickable = (selector) => {
  const element = selector && document.querySelector(selector);
  return Boolean(element) && element.getClientRects().length > 0 && !element.disabled
    && element.getAttribute("aria-disabled") !== "true";
};

const markOf = (elements) => {
  let mark = 0;
  for (const element of elements) {
    const text = element.outerHTML;
    for (let index = 0; index < text.length; index += 1) {
      mark = (mark * 31 + text.charCodeAt(index)) | 0;
    }
  }
  return mark;
};

// AWS WAF sets gokuProps on its own page; Cloudflare's pages are known by their titles.
const challenge = () => {
  if (window.gokuProps !== undefined || document.querySelector("script[src*='awswaf.com']")) {
    return "AWS WAF";
  }
  const title = document.title;
  const isCloudflare = title.startsWith("Just a moment") || title.startsWith("Attention Required! | Cloudflare")
    || title.includes("Access denied") && document.querySelector("#cf-error-details, .cf-error-details")
    || document.querySelector("#challenge-form, #challenge-running, #challenge-error-text, #cf-error-details");
  return isCloudflare ? "Cloudflare" : "";
};

if (!root || root.hasAttribute("data-list-sync-left")) {
  return { found: 0, mark: "", isComplete: false, status: 0, title: "", url: "", challenge: "", canAccept: false,
    hasNext: false };
}
// While the page still arrives, a part of a list looks like a whole one.
const found = document.readyState === "loading" ? [] : document.querySelectorAll(waitFor);
const navigation = performance.getEntriesByType("navigation")[0];
return {
  found: found.length,
  mark: `${location.href} ${found.length} ${markOf(found)}`,
  isComplete: document.readyState === "complete",
  status: navigation?.responseStatus ?? 0,
  title: document.title.slice(0, 100),
  url: location.href,
  challenge: challenge(),
  canAccept: isClickable(accept),
  hasNext: isClickable(next),
};
