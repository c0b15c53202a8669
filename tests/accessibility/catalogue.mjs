/** Every screen of the window, by the way that leads to it on the mock host. */

const id = (name) => `[data-testid="${name}"]`
const press = (page, name) => page.locator(id(name)).first().click()
const see = (page, name) => page.locator(id(name)).first().waitFor()
const visit = async (page, name = 'tv-marottoli') => {
  await press(page, `row-${name}`)
  await see(page, 'televisit-detail')
}

const newRequest = async (page, patient) => {
  await press(page, 'place-patients')
  await press(page, `patient-${patient}`)
  await press(page, 'patient-new-teleconsult')
  await see(page, 'new-request')
  await press(page, 'step-question')
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
  {
    name: '07-teleconsults',
    scene: 'today',
    open: async (page) => {
      await press(page, 'place-teleconsults')
      await press(page, 'teleconsult-tc-delvecchiati')
      await see(page, 'answer-box')
    },
  },
  {
    name: '07-claimed-by-other',
    scene: 'today',
    open: async (page) => {
      await press(page, 'place-teleconsults')
      await press(page, 'teleconsult-filter-waiting')
      await press(page, 'teleconsult-tc-ruggerini')
      await see(page, 'taken')
    },
  },
  {
    name: '07-answered-offline',
    scene: 'queue',
    open: async (page) => {
      await press(page, 'place-teleconsults')
      await press(page, 'teleconsult-tc-delvecchiati')
      await page.locator(id('answer-what')).fill('Passare all’anticoagulante diretto')
      await page.locator(id('answer-by_when')).fill('entro 7 giorni')
      await page.locator(id('answer-worry')).fill('sanguinamento')
      await press(page, 'answer-send')
      await see(page, 'teleconsult-queued')
    },
  },
  {
    name: '07-ask-information',
    scene: 'today',
    open: async (page) => {
      await press(page, 'place-teleconsults')
      await press(page, 'teleconsult-tc-delvecchiati')
      await press(page, 'ask-information')
      await see(page, 'ask-dialog')
    },
  },
  {
    name: '07-two-versions',
    scene: 'conflict',
    open: async (page) => {
      await press(page, 'place-teleconsults')
      await press(page, 'teleconsult-tc-ruggerini')
      await see(page, 'case-versions')
    },
  },
  {
    name: '07-reply',
    scene: 'gp',
    open: async (page) => {
      await press(page, 'place-teleconsults')
      await press(page, 'teleconsult-tc-corvelli')
      await see(page, 'reply-box')
    },
  },
  {
    name: '07-prescribe',
    scene: 'gp',
    open: async (page) => {
      await press(page, 'place-teleconsults')
      await press(page, 'teleconsult-filter-prescribe')
      await press(page, 'prescription-tc-santoviti')
      await see(page, 'prescription-card')
    },
  },
  {
    name: '07-empty',
    scene: 'empty',
    open: async (page) => {
      await press(page, 'place-teleconsults')
      await see(page, 'teleconsults-empty')
    },
  },
  { name: '07-pending', scene: 'gp', open: (page) => see(page, 'pending') },
  {
    name: '07-acknowledge',
    scene: 'gp',
    open: async (page) => {
      await press(page, 'teleconsult-tc-santoviti')
      await see(page, 'acknowledge-box')
    },
  },
  { name: '07-pending-empty', scene: 'gp-empty', open: (page) => see(page, 'pending-empty') },
  {
    name: '08-request',
    scene: 'gp',
    open: async (page) => {
      await newRequest(page, 'marottoli')
      await page
        .locator(id('question'))
        .fill('Affanno da sforzo dopo impianto di pacemaker: serve anticipare il controllo?')
      await page.locator(id('speciality')).selectOption('08')
    },
  },
  {
    name: '08-request-template',
    scene: 'gp',
    open: async (page) => {
      await press(page, 'place-patients')
      await press(page, 'patient-marottoli')
      await press(page, 'patient-new-teleconsult')
      await press(page, 'step-question')
      await page.locator(id('question')).fill('Affanno da sforzo dopo impianto di pacemaker')
      await page.locator(id('speciality')).selectOption('08')
      await see(page, 'template')
      await page.locator(id('template')).scrollIntoViewIfNeeded()
    },
  },
  {
    name: '08-request-minor',
    scene: 'pls-offline',
    settle: 700,
    open: async (page) => {
      await newRequest(page, 'santelmi')
      await page
        .locator(id('question'))
        .fill('Soffio sistolico dolce, rilevato a 12 e 14 mesi, in bambina che cresce bene. Basta il controllo?')
      await press(page, 'attach-side')
      await press(page, 'step-representation')
      await page.locator(id('giver-0')).check()
      await page.locator(id('giver-document')).fill('Carta d’identità CA00000XX')
    },
  },
  {
    name: '08-request-send',
    scene: 'pls-offline',
    settle: 700,
    open: async (page) => {
      await newRequest(page, 'santelmi')
      await page
        .locator(id('question'))
        .fill('Soffio sistolico dolce, rilevato a 12 e 14 mesi, in bambina che cresce bene. Basta il controllo?')
      await press(page, 'step-send')
      await see(page, 'missing')
    },
  },
  {
    name: '08-request-queued',
    scene: 'pls-offline',
    open: async (page) => {
      await newRequest(page, 'marottoli')
      await page
        .locator(id('question'))
        .fill('Affanno da sforzo dopo impianto di pacemaker: serve anticipare il controllo?')
      await page.locator(id('speciality')).selectOption('08')
      await page.locator(id('priority-B')).check()
      await press(page, 'step-consent')
      await page.locator(id('consent')).check()
      await press(page, 'step-send')
      await press(page, 'request-send')
      await see(page, 'teleconsult-queued')
    },
  },
  { name: '09-board', scene: 'cot', open: (page) => see(page, 'column-referred') },
  {
    name: '09-board-late',
    scene: 'cot',
    async open(page) {
      await press(page, 'case-filter-late')
      await see(page, 'escalation')
    },
  },
  {
    name: '09-board-none-found',
    scene: 'cot',
    async open(page) {
      await page.locator(id('case-search')).fill('zzz')
      await see(page, 'board-none-found')
    },
  },
  {
    name: '09-case-detail',
    scene: 'cot',
    async open(page) {
      await press(page, 'open-tr-basiletti')
      await press(page, 'log-call_back')
      await press(page, 'check-item-2')
      await see(page, 'checklist')
    },
  },
  {
    name: '09-case-data',
    scene: 'cot',
    async open(page) {
      await press(page, 'open-tr-basiletti')
      await press(page, 'edit-detail')
      await see(page, 'detail-dialog')
    },
  },
  {
    name: '09-case-assign',
    scene: 'cot',
    async open(page) {
      await press(page, 'open-tr-basiletti')
      await press(page, 'assign-case')
      await see(page, 'assign-dialog')
    },
  },
  {
    name: '09-shift',
    scene: 'cot',
    async open(page) {
      await press(page, 'shift-prepare')
      await see(page, 'shift-ready')
    },
  },
  {
    name: '09-shift-offline',
    scene: 'today-offline',
    async open(page) {
      await press(page, 'shift-prepare')
      await see(page, 'shift-not-ready')
    },
  },
  { name: '09-board-empty', scene: 'cot-empty', open: (page) => see(page, 'board-empty') },
  {
    name: '09-case',
    scene: 'cot',
    open: async (page) => {
      await press(page, 'open-tr-trevisanti')
      await see(page, 'case-detail')
      await page.locator(id('log-call_back')).check()
    },
  },
  {
    name: '09-case-offline',
    scene: 'cot-offline',
    open: async (page) => {
      await press(page, 'open-tr-trevisanti')
      await press(page, 'move-protected_discharge')
      await see(page, 'case-queued')
    },
  },
  {
    name: '09-referral',
    scene: 'cot',
    open: async (page) => {
      await press(page, 'new-referral')
      await page.locator(id('referral-search')).fill('mar')
      await see(page, 'pick-marottoli')
    },
  },
  {
    name: '09-end-of-shift',
    scene: 'cot',
    open: async (page) => {
      await press(page, 'end-of-shift')
      await page.locator(id('offer-colleague')).selectOption({ index: 1 })
    },
  },
  {
    name: '09-handovers',
    scene: 'cot',
    open: async (page) => {
      await press(page, 'place-handovers')
      await see(page, 'handover-ho-1')
    },
  },
  {
    name: '13-patients',
    scene: 'gp',
    open: async (page) => {
      await press(page, 'place-patients')
      await page.locator(id('patient-search')).fill('ra')
      await see(page, 'patient-petracchi')
    },
  },
  {
    name: '13-patient',
    scene: 'gp',
    open: async (page) => {
      await press(page, 'place-patients')
      await press(page, 'patient-santelmi')
      await see(page, 'documents')
    },
  },
  {
    name: '15-documents',
    scene: 'gp',
    settle: 1200,
    open: async (page) => {
      await press(page, 'place-documents')
      await page.locator(id('document-search')).fill('marottoli')
      await press(page, 'document-marottoli-1')
      await see(page, 'document-detail')
    },
  },
  {
    name: '15-documents-offline',
    scene: 'gp-offline',
    open: async (page) => {
      await press(page, 'place-documents')
      await page.locator(id('document-search')).fill('ecocardiogramma marottoli')
      await press(page, 'document-marottoli-3')
      await see(page, 'failure-region_unreachable')
    },
  },
  {
    name: '15-documents-empty',
    scene: 'gp-empty',
    open: async (page) => {
      await press(page, 'place-documents')
      await see(page, 'documents-empty')
    },
  },
  ...['station', 'devices', 'region', 'keyboard', 'register'].map((section) => ({
    name: `14-settings-${section}`,
    scene: 'today',
    open: async (page) => {
      await press(page, 'place-settings')
      await press(page, `settings-${section}`)
    },
  })),
  { name: '10-locked', scene: 'locked', open: (page) => see(page, 'lock-screen') },
  {
    name: '10-locked-leaving',
    scene: 'locked',
    async open(page) {
      await press(page, 'change-user')
      await see(page, 'leave-warning')
    },
  },
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
