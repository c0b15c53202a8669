import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { Banner, Button } from '../design'
import { clock, span } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { EscalationView } from '../ipc/generated/EscalationView'
import { useShowTransition } from './update'

/** Cases that nobody took in time: since when, who was told, who took note. */
export function Escalations({ list }: { list: EscalationView[] }) {
  const { t } = useTranslation('transition')
  const { go } = useRoute()
  const show = useShowTransition()
  const { run, failure, busy } = useAction()
  // The one of which nobody has taken note yet, else the oldest.
  const first = list.find(({ acknowledged_at }) => acknowledged_at === null) ?? list[0]
  if (!first) return null
  const oldest = Math.min(...list.map(({ waiting_since }) => Date.parse(waiting_since)))
  const told = first.told_at ? t('coordinatorTold', { at: clock(first.told_at) }) : t('coordinatorTelling')
  const noted = first.acknowledged_at
    ? `, ${t('noted', { at: clock(first.acknowledged_at), name: first.acknowledged_by ?? '' })}`
    : ''
  return (
    <>
      <Banner
        tone="danger"
        icon="error"
        testId="escalation"
        title={t('escalated', { count: list.length, span: span(Date.now() - oldest) })}
        action={
          <span className="line">
            {first.told_at && !first.acknowledged_at ? (
              <Button
                small
                busy={busy}
                testId="escalation-note"
                onPress={() => run(() => call('transition_acknowledge', { transition_id: first.transition_id }), show)}
              >
                {t('takeNote')}
              </Button>
            ) : null}
            <Button small testId="escalation-open" onPress={() => go({ place: 'cases', id: first.transition_id })}>
              {t('goToCase')}
            </Button>
          </span>
        }
      >
        {t('threshold', { span: span(first.threshold_minutes * 60_000) })} {told}
        {noted}.
      </Banner>
      {failure ? (
        <div className="pad">
          <FailureBanner failure={failure} />
        </div>
      ) : null}
    </>
  )
}
