/** The COT: board, cases, referrals, handovers, and the shift that is prepared. */
import { check, choose, fill, press, screen, see } from './steps.mjs'

const opened = (name) => press(`open-${name}`)

export const TRANSITION = [
  screen('09-board', 'cot', [see('column-referred')]),
  screen('09-board-late', 'cot', [press('case-filter-late'), see('escalation')]),
  screen('09-board-none-found', 'cot', [fill('case-search', 'zzz'), see('board-none-found')]),
  screen('09-board-empty', 'cot-empty', [see('board-empty')]),
  screen('09-case-detail', 'cot', [opened('tr-basiletti'), press('log-call_back', 'check-item-2'), see('checklist')]),
  screen('09-case-data', 'cot', [opened('tr-basiletti'), press('edit-detail'), see('detail-dialog')]),
  screen('09-case-assign', 'cot', [opened('tr-basiletti'), press('assign-case'), see('assign-dialog')]),
  screen('09-case', 'cot', [opened('tr-trevisanti'), see('case-detail'), check('log-call_back')]),
  screen('09-case-offline', 'cot-offline', [
    opened('tr-trevisanti'),
    press('move-protected_discharge'),
    see('case-queued'),
  ]),
  screen('09-shift', 'cot', [press('shift-prepare'), see('shift-ready')]),
  screen('09-shift-offline', 'today-offline', [press('shift-prepare'), see('shift-not-ready')]),
  screen('09-referral', 'cot', [press('new-referral'), fill('referral-search', 'mar'), see('pick-marottoli')]),
  screen('09-end-of-shift', 'cot', [press('end-of-shift'), choose('offer-colleague', { index: 1 })]),
  screen('09-handovers', 'cot', [press('place-handovers'), see('handover-ho-1')]),
]
