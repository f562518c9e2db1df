/**
 * An element that the page always has.
 * @param {string} id
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}.`);
  return element;
}

/**
 * The elements of HTML from the registry, which has escaped all registered values.
 * @param {string} html
 */
export function fragment(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

/**
 * @param {string} html of one element
 */
export function createElement(html) {
  const element = fragment(html).firstElementChild;
  if (!(element instanceof HTMLElement)) throw new Error('This is no element.');
  return element;
}
