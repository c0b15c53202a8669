/** The words in which the catalogue says how a screen is reached. A step is a function of the page; a name is a `data-testid`. */

const at = (page, name) => page.locator(`[data-testid="${name}"]`)

export const press =
  (...names) =>
  async (page) => {
    for (const name of names) await at(page, name).first().click()
  }
export const see = (name) => (page) => at(page, name).first().waitFor()
export const fill = (name, text) => (page) => at(page, name).fill(text)
export const check = (name) => (page) => at(page, name).check()
export const choose = (name, option) => (page) => at(page, name).selectOption(option)
export const key = (name) => (page) => page.keyboard.press(name)
export const reveal = (name) => (page) => at(page, name).scrollIntoViewIfNeeded()

/**
 * A screen of the window: its name (also its picture's), the scene of the mock host it begins in, the steps to it (lists of
 * steps may stand among them), and how many milliseconds it needs to come to rest.
 */
export const screen = (name, scene, steps, settle) => ({
  name,
  scene,
  settle,
  async open(page) {
    for (const step of steps.flat()) await step(page)
  },
})
