// The COT: a referral is taken, brought forward, handed over at the end of the shift, and accepted by the colleague.

import { PEOPLE } from '../station.mjs'
import { id } from '../window.mjs'
import { sent } from './teleconsult.mjs'

/** The window begins and ends at the login page. */
export async function transition(story, station) {
  const { window } = station
  await story.step('cot-bacheca', async () => {
    await station.enter(PEOPLE.cotOperator)
    await window.find(id('board'), 40)
    await window.until(
      async () => (await window.invoke('transition_board')).cards.length > 0,
      40,
      () => 'the core has no cases',
    )
    await window.find(`${id('column-referred')} [data-testid^="case-"]`, 40)
  })
  const { cards } = await window.invoke('transition_board')
  const card = cards.find(({ state, owner }) => state === 'referred' && owner === null)
  if (!card) throw new Error('no referral is to be taken')
  await story.step('cot-assegna', async () => {
    await window.click(id(`claim-${card.id}`))
    await mine(window, card)
  })
  await story.step('cot-prosegue', async () => {
    if (!(await window.has(id('case-detail')))) await window.click(id(`open-${card.id}`))
    await window.find(`${id('case-detail')}[data-mine="true"][data-state="assessment"]`)
    await window.click(id('move-protected_discharge'))
    await window.find(`${id('case-detail')}[data-state="protected_discharge"]`)
  })
  await story.step('cot-consegna', async () => {
    await window.click(id('hand-over'))
    const colleague = (await window.invoke('transition_board')).colleagues.find(([, name]) => /marzullesi/i.test(name))
    await window.choose(id('offer-colleague'), colleague[0])
    await window.write(id('offer-note'), 'Dimissione prevista oggi: richiamare il reparto alle 16.')
  })
  await story.step('cot-consegnata', async () => {
    await window.click(id('offer-send'))
    await window.find(id('case-offered'), 30)
    await sent(window)
  })
  await station.leave()
  await story.step('cot-collega', async () => {
    await station.enter(PEOPLE.cotColleague)
    await window.click(id('place-handovers'))
    await window.find('[data-testid^="handover-accept-"]', 60)
  })
  await story.step('cot-accettata', async () => {
    const [handover] = (await window.invoke('handover_list')).handovers.filter(
      ({ incoming, card: { id: of } }) => incoming && of === card.id,
    )
    await window.click(id(`handover-accept-${handover.id}`))
    await mine(window, card)
    await sent(window)
    story.receipt('handover_accepted', new Date().toISOString(), handover.id)
  })
  await station.leave()
}

const mine = (window, { id: card }) =>
  window.until(
    async () => (await window.invoke('transition_open', { transition_id: card })).card.mine,
    40,
    () => 'the case has no owner',
  )
