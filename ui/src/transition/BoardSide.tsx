import { useTranslation } from 'react-i18next'
import { useRoute } from '../app/routes'
import { Button } from '../design'
import { briefSpan, personName, shortWhen } from '../i18n/format'
import type { TransitionBoardView } from '../ipc/generated/TransitionBoardView'
import { useView } from '../ipc/query'
import { toCallBack } from './board'

export function BoardSide({ board }: { board: TransitionBoardView }) {
  const { t } = useTranslation('transition')
  const { go } = useRoute()
  const handovers = useView('handover_list', [])
  const calls = toCallBack(board.cards)
  const incoming = handovers.data?.handovers.filter((each) => each.incoming) ?? []
  const { counts, load, most_each } = board
  const most = Math.max(1, most_each, counts.mine, counts.free, ...load.map(({ cases }) => cases))
  return (
    <aside className="board-side" data-pane="side" aria-label={t('toCallBack')}>
      <section data-testid="to-call-back">
        <h2>
          {t('toCallBack')} <span className="board-side-n">{calls.length}</span>
        </h2>
        {calls.length === 0 ? <p className="t-xs mut">{t('noneToCall')}</p> : null}
        <ul className="side-lines">
          {calls.map((card) => {
            const late = Date.now() - Date.parse(card.call_back_at)
            return (
              <li key={card.id}>
                <b className={`board-time${late > 0 ? ' c-danger' : ''}`}>{shortWhen(card.call_back_at)}</b>
                <span className="grow board-two">
                  <b className="cut">{card.call_back_whom ?? personName(card.patient)}</b>
                  {card.call_back_whom ? <span className="t-xs cut">{personName(card.patient)}</span> : null}
                  <span className={`t-xs cut ${late > 0 ? 'c-danger' : 'mut'}`}>
                    {late > 0
                      ? t('lateBy', { span: briefSpan(late) })
                      : card.no_answers > 0
                        ? t('noAnswers', { count: card.no_answers })
                        : card.note}
                  </span>
                </span>
                <Button small testId={`call-${card.id}`} onPress={() => go({ place: 'cases', id: card.id })}>
                  {t('callAction')}
                </Button>
              </li>
            )
          })}
        </ul>
      </section>
      <section data-testid="shift-load">
        <h2>{t('load')}</h2>
        <ul>
          <Load name={capital(t('you'))} count={counts.mine} most={most} over={counts.mine > most_each} />
          {load.map(({ name, cases }) => (
            <Load key={name} name={name} count={cases} most={most} over={cases > most_each} />
          ))}
          <Load name={capital(t('nobody'))} count={counts.free} most={most} />
        </ul>
        <p className="t-xs mut">{t('atMost', { count: most_each })}</p>
      </section>
      <section data-testid="incoming">
        <h2>
          {t('incoming')} <span className="board-side-n">{incoming.length}</span>
        </h2>
        {incoming.length === 0 ? <p className="t-xs mut">{t('noneIncoming')}</p> : null}
        <ul className="side-lines">
          {incoming.map((each) => (
            <li key={each.id}>
              <span className="grow board-two">
                <b className="cut">{personName(each.card.patient)}</b>
                <span className="t-xs mut cut">{t('incomingFrom', { name: each.from })}</span>
              </span>
              <Button small testId={`review-${each.id}`} onPress={() => go({ place: 'handovers' })}>
                {t('review')}
              </Button>
            </li>
          ))}
        </ul>
      </section>
    </aside>
  )
}

function Load({ name, count, most, over }: { name: string; count: number; most: number; over?: boolean }) {
  const { t } = useTranslation('transition')
  return (
    <li className="line board-load">
      <span className="grow cut">{name}</span>
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="8" className="is-whole" />
        <rect width={(count / most) * 100} height="8" className={`is-part${over ? ' is-over' : ''}`} />
      </svg>
      <b className={over ? 'c-danger' : undefined} title={over ? t('over') : undefined}>
        {count}
        {over ? <span className="hide-text"> {t('over')}</span> : null}
      </b>
    </li>
  )
}

const capital = (word: string) => word.charAt(0).toLocaleUpperCase('it') + word.slice(1)
