/** Every screen of the window, by the way that leads to it on the mock host. */

const id = (name) => `[data-testid="${name}"]`
const press = (page, name) => page.locator(id(name)).first().click()
const see = (page, name) => page.locator(id(name)).first().waitFor()
const visit = async (page, name = 'tv-marottoli') => {
  await press(page, `row-${name}`)
  await see(page, 'televisit-detail')
}

export const SCREENS = [
  { name: '01-login', scene: 'out', open: (page) => see(page, 'login-cns') },
  {
    name: '01-login-waiting',
    scene: 'out',
    open: async (page) => {
      await press(page, 'login-spid')
      await see(page, 'login-waiting')
    },
  },
  {
    name: '01-login-pin',
    scene: 'out',
    open: async (page) => {
      await press(page, 'known-irene-valmori')
      await see(page, 'unlock-dialog')
    },
  },
  { name: '01-first-secret', scene: 'first', open: (page) => see(page, 'create-secret') },
  { name: '01-role', scene: 'role', open: (page) => see(page, 'choose-role') },
  { name: '02-today', scene: 'today', open: (page) => see(page, 'agenda') },
  { name: '02-today-detail', scene: 'today', open: (page) => visit(page) },
  {
    name: '02-identity',
    scene: 'today',
    open: async (page) => {
      await visit(page)
      await press(page, 'verify-identity')
      await press(page, 'method-document_shown')
    },
  },
  {
    name: '02-consent-ward',
    scene: 'today',
    open: async (page) => {
      await visit(page, 'tv-gualterotti')
      await press(page, 'verify-identity')
      await press(page, 'method-document_shown')
      await press(page, 'confirm-identity')
      await press(page, 'record-consent')
      await press(page, 'consent-service')
    },
  },
  {
    name: '02-start',
    scene: 'today',
    settle: 900,
    open: async (page) => {
      await visit(page)
      await press(page, 'verify-identity')
      await press(page, 'method-document_shown')
      await press(page, 'confirm-identity')
      await press(page, 'record-consent')
      await press(page, 'consent-service')
      await press(page, 'confirm-consent')
      await press(page, 'start-televisit')
      await see(page, 'start-dialog')
    },
  },
  {
    name: '02-station',
    scene: 'today',
    open: async (page) => {
      await visit(page)
      await press(page, 'open-station-check')
      await see(page, 'station-outcome')
    },
  },
  {
    name: '02-not-delivered',
    scene: 'today',
    open: async (page) => {
      await visit(page)
      await press(page, 'not-delivered')
      await see(page, 'not-delivered-dialog')
    },
  },
  {
    name: '02-delay',
    scene: 'today',
    open: async (page) => {
      await visit(page)
      await press(page, 'notify-delay')
      await see(page, 'delay-dialog')
    },
  },
  {
    name: '02-document',
    scene: 'today',
    settle: 1200,
    open: async (page) => {
      await visit(page)
      await press(page, 'document-marottoli-1')
      await see(page, 'document-dialog')
    },
  },
  { name: '02-child', scene: 'today', open: (page) => visit(page, 'tv-santelmi') },
  { name: '02-not-a-control-visit', scene: 'today', open: (page) => visit(page, 'tv-sorbellini') },
  { name: '02-empty', scene: 'empty', open: (page) => see(page, 'agenda-empty') },
  {
    name: '03-call',
    scene: 'call',
    settle: 1200,
    open: async (page) => {
      await press(page, 'row-action-tv-marottoli')
      await see(page, 'call')
    },
  },
  {
    name: '03-call-interrupted',
    scene: 'cut',
    settle: 600,
    open: async (page) => {
      await press(page, 'row-action-tv-marottoli')
      await see(page, 'interrupted')
    },
  },
  {
    name: '03-outcome',
    scene: 'call',
    settle: 900,
    open: async (page) => {
      await press(page, 'row-action-tv-marottoli')
      await press(page, 'call-end')
      await see(page, 'outcome-dialog')
    },
  },
  {
    name: '03-call-compact',
    scene: 'call',
    settle: 900,
    open: async (page) => {
      await press(page, 'row-tv-torrigiani')
      await see(page, 'compact-call')
    },
  },
  {
    name: '04-report-in-call',
    scene: 'report',
    settle: 1600,
    open: async (page) => {
      await press(page, 'row-action-tv-marottoli')
      await press(page, 'call-to-report')
      await see(page, 'report')
    },
  },
  {
    name: '04-report',
    scene: 'sign',
    settle: 1600,
    open: async (page) => {
      await press(page, 'row-action-tv-marottoli')
      await see(page, 'report')
    },
  },
  {
    name: '05-sign',
    scene: 'sign',
    settle: 900,
    open: async (page) => {
      await press(page, 'row-action-tv-marottoli')
      await press(page, 'sign-and-send')
      await page.locator(id('sign-pin')).fill('00000')
      await press(page, 'confirm-sign')
      await see(page, 'failure-wrong_pin_few_left')
    },
  },
  {
    name: '06-receipts',
    scene: 'sign',
    settle: 900,
    open: async (page) => {
      await press(page, 'row-action-tv-marottoli')
      await press(page, 'sign-and-send')
      await page.locator(id('sign-pin')).fill('12345')
      await press(page, 'confirm-sign')
      await see(page, 'receipts')
    },
  },
  {
    name: '06-queue-offline',
    scene: 'queue',
    open: async (page) => {
      await press(page, 'place-queue')
      await press(page, 'queue-tv-marottoli')
      await see(page, 'receipts')
    },
  },
  {
    name: '06-queue-empty',
    scene: 'empty',
    open: async (page) => {
      await press(page, 'place-queue')
      await see(page, 'queue-empty')
    },
  },
  { name: '10-locked', scene: 'locked', open: (page) => see(page, 'lock-screen') },
  {
    name: '11-palette',
    scene: 'today',
    open: async (page) => {
      await see(page, 'agenda')
      await page.keyboard.press('Control+k')
      await page.locator(id('palette-input')).fill('mar')
      await see(page, 'palette-patient-marottoli')
    },
  },
  {
    name: '11-shortcuts',
    scene: 'today',
    open: async (page) => {
      await see(page, 'agenda')
      await page.keyboard.press('?')
      await see(page, 'shortcuts')
    },
  },
]
