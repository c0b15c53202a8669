import { useTranslation } from 'react-i18next'
import { useRoute } from '../app/routes'
import { Badge, Button, Icon } from '../design'
import { briefSpan, nearDay, personName, shortWhen } from '../i18n/format'
import type { TransitionCardView } from '../ipc/generated/TransitionCardView'

/** Who, from where to where, what there is to know, who has it, and one button. */
export function CaseCard({ card, onClaim }: { card: TransitionCardView; onClaim: () => unknown }) {
  const { t } = useTranslation('transition')
  const { go } = useRoute()
  const open = () => go({ place: 'cases', id: card.id })
  const path = `${t(`short.${card.origin}`)}, ${t(`toward.${card.destination}`)}`
  const late = card.call_back_at !== null && Date.parse(card.call_back_at) < Date.now()
  const waits = card.queue !== null && card.queue !== 'confirmed'
  return (
    <li
      className={`case-card is-${card.urgency}`}
      data-testid={`case-${card.id}`}
      data-state={card.state}
      data-urgency={card.urgency}
    >
      <button
        type="button"
        className="case-card-open"
        aria-label={t('cardLabel', {
          name: personName(card.patient),
          what: path,
          owner: card.mine ? t('you') : (card.owner ?? t('nobody')),
        })}
        onClick={open}
      />
      <p className="line case-card-who">
        <b className="cut">{personName(card.patient)}</b>
        <span className="mut t-xs grow">{card.patient.age_years}</span>
        <span
          className={`t-xs nw line tight ${card.urgency === 'late' ? 'c-danger' : card.urgency === 'attention' ? 'c-warn' : 'mut'}`}
        >
          <Icon name={card.urgency === 'none' ? 'due' : 'warning-circle'} size="s" />
          {card.urgency === 'late' ? <span className="hide-text">{t('lateMark')} </span> : null}
          {briefSpan(Date.now() - Date.parse(card.since))}
        </span>
      </p>
      <p className="t-xs mut cut">{path}</p>
      <p className="t-xs cut">
        {card.call_back_at ? (
          <b className={late ? 'c-danger' : 'c-warn'}>
            {t('callBack', { at: shortWhen(card.call_back_at) })}
            {card.call_back_whom ? `, ${card.call_back_whom}` : ''}
          </b>
        ) : card.no_answers > 0 ? (
          <b className="c-warn">{t('noAnswers', { count: card.no_answers })}</b>
        ) : card.expected_discharge && card.checks_done > 0 ? (
          `${t('discharge', { on: nearDay(card.expected_discharge) })}, ${t('checks', { done: card.checks_done, of: card.checks })}`
        ) : card.expected_discharge ? (
          t('discharge', { on: nearDay(card.expected_discharge) })
        ) : (
          card.note
        )}
      </p>
      <div className="line case-card-foot">
        <span className="grow cut t-xs">
          {waits ? (
            <Badge
              tone={card.queue === 'to_correct' || card.queue === 'conflict' ? 'danger' : 'off'}
              icon="queue"
              testId={`case-queue-${card.id}`}
            >
              {t(`queue.${card.queue ?? 'waiting'}`)}
            </Badge>
          ) : card.handed_to ? (
            <span className="c-off">{t('handedTo', { name: card.handed_to })}</span>
          ) : card.owner ? (
            card.mine ? (
              t('you')
            ) : (
              card.owner
            )
          ) : (
            <b className="c-warn">{t('nobody')}</b>
          )}
        </span>
        {card.owner === null ? (
          <span className="case-card-action">
            <Button small testId={`claim-${card.id}`} onPress={onClaim}>
              {t('claim')}
            </Button>
          </span>
        ) : card.mine ? (
          <span className="case-card-action">
            <Button small testId={`open-${card.id}`} onPress={open}>
              {t(card.call_back_at ? 'callAction' : 'openCase')}
            </Button>
          </span>
        ) : null}
      </div>
    </li>
  )
}
