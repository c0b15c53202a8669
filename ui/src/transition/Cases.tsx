import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMinute } from '../agenda/AgendaRow'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { Button, Empty, Segments, SkeletonCards } from '../design'
import { clock } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TransitionBoardView } from '../ipc/generated/TransitionBoardView'
import type { TransitionCardView } from '../ipc/generated/TransitionCardView'
import { useView } from '../ipc/query'
import { BoardSide } from './BoardSide'
import { COLUMNS, type Filter, takes } from './board'
import { CaseCard } from './CaseCard'
import { CaseDetail } from './CaseDetail'
import { NewReferralDialog } from './NewReferralDialog'
import { OfferDialog } from './OfferDialog'
import { useShowTransition } from './update'
import './transition.css'

/** *Casi*: the board of the COT, and within it the open case. */
export function Cases() {
  const { route, go } = useRoute()
  if (route.id && route.view !== 'new')
    return <CaseDetail key={route.id} transitionId={route.id} onBack={() => go({ place: 'cases' })} />
  return <Board startWith={route.view === 'new' ? route.id : undefined} />
}

function Board({ startWith }: { startWith: string | undefined }) {
  const { t } = useTranslation('transition')
  const { go } = useRoute()
  const board = useView('transition_board', [])
  const [filter, setFilter] = useState<Filter>('all')
  const [dialog, setDialog] = useState<'new' | 'end' | null>(startWith ? 'new' : null)
  const show = useShowTransition()
  const claim = useAction()
  useMinute()
  useShortcuts({ 'Alt+N': () => setDialog('new'), 'Alt+M': () => setFilter(filter === 'mine' ? 'all' : 'mine') })
  const cards = board.data?.cards ?? []
  const mine = cards.filter((card) => card.mine && card.handed_to === null)
  const onClaim = (card: TransitionCardView) =>
    claim.run(() => call('transition_claim', { transition_id: card.id }), show)

  return (
    <div className="board" data-testid="board">
      <div className="board-head">
        <h1 className="nw">
          {t('title')}{' '}
          {board.data ? <span className="mut board-count">{t('open', { count: cards.length })}</span> : null}
        </h1>
        <Segments<Filter>
          label={t('filter')}
          value={filter}
          onChange={setFilter}
          testId="case-filter"
          options={(['all', 'mine', 'free'] as const).map((value) => ({
            value,
            label: t(value),
            count: board.data ? cards.filter((card) => takes(card, value)).length : undefined,
          }))}
        />
        <span className="grow" />
        <Button icon="handover" testId="end-of-shift" disabled={mine.length === 0} onPress={() => setDialog('end')}>
          {t('endOfShift')}
        </Button>
        <Button kind="primary" icon="plus" testId="new-referral" onPress={() => setDialog('new')}>
          {t('newReferral')}
        </Button>
      </div>
      {claim.failure ? (
        <div className="pad">
          <FailureBanner failure={claim.failure} />
        </div>
      ) : null}
      {board.error ? (
        <div className="pad">
          <FailureBanner failure={board.error.failure} onRetry={() => board.refetch()} />
        </div>
      ) : null}
      {board.isPending ? <SkeletonCards /> : null}
      {board.data ? (
        <div className="board-body">
          <Columns board={board.data} filter={filter} onClaim={onClaim} onNew={() => setDialog('new')} />
          <BoardSide board={board.data} />
        </div>
      ) : null}
      {dialog === 'new' ? (
        <NewReferralDialog
          patientId={startWith}
          onClose={() => {
            setDialog(null)
            if (startWith) go({ place: 'cases' })
          }}
          onDone={(view) => {
            show(view)
            go({ place: 'cases', id: view.card.id })
          }}
        />
      ) : null}
      {dialog === 'end' && board.data ? (
        <OfferDialog cards={mine} colleagues={board.data.colleagues} end onClose={() => setDialog(null)} />
      ) : null}
    </div>
  )
}

type ColumnsProps = {
  board: TransitionBoardView
  filter: Filter
  onClaim: (card: TransitionCardView) => unknown
  onNew: () => void
}

function Columns({ board, filter, onClaim, onNew }: ColumnsProps) {
  const { t } = useTranslation('transition')
  const cards = board.cards.filter((card) => takes(card, filter))
  if (board.cards.length === 0)
    return (
      <Empty
        icon="cases"
        testId="board-empty"
        title={t('emptyTitle')}
        actions={
          <Button kind="primary" icon="plus" onPress={onNew}>
            {t('newReferral')}
          </Button>
        }
      >
        {t('emptyText')}
      </Empty>
    )
  return (
    <div className="board-columns scroll" data-pane="board">
      {COLUMNS.map((column) => {
        const inside = cards.filter(({ state }) => state === column)
        return (
          <section
            key={column}
            className="board-column"
            aria-label={t(`columns.${column}`)}
            data-testid={`column-${column}`}
          >
            <h2 className="board-column-head">
              <span className="grow">{t(`columns.${column}`)}</span>
              <span className="mut">{inside.length}</span>
            </h2>
            {inside.length === 0 ? (
              <p className="t-xs mut board-none">{t('noCards')}</p>
            ) : (
              <ul>
                {inside.map((card) => (
                  <CaseCard key={card.id} card={card} onClaim={() => onClaim(card)} />
                ))}
              </ul>
            )}
          </section>
        )
      })}
      {board.as_of ? <p className="t-xs mut board-asof">{t('asOf', { at: clock(board.as_of) })}</p> : null}
    </div>
  )
}
