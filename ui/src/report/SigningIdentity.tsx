/** Who signs and with what, told before any PIN is asked. */
import { useTranslation } from 'react-i18next'
import { Badge, Button, CheckLine, Icon, type Tone } from '../design'
import { day } from '../i18n/format'
import type { PinState } from '../ipc/generated/PinState'
import type { SigningIdentityView } from '../ipc/generated/SigningIdentityView'

const PIN: Record<
  PinState,
  { tone: Tone; word: 'badgeReady' | 'badgeFew' | 'badgeLast' | 'badgeLocked' | 'badgeChange' }
> = {
  ready: { tone: 'ok', word: 'badgeReady' },
  few_left: { tone: 'warn', word: 'badgeFew' },
  last_try: { tone: 'danger', word: 'badgeLast' },
  locked: { tone: 'danger', word: 'badgeLocked' },
  to_be_changed: { tone: 'danger', word: 'badgeChange' },
}

type Props = {
  identity: SigningIdentityView
  /** There are others to choose from. */
  many: boolean
  onChange: () => void
}

export function IdentityCard({ identity, many, onChange }: Props) {
  const { t } = useTranslation('report')
  const { tone, word } = PIN[identity.pin]
  const over = identity.blocked_by === 'certificate_expired'
  return (
    <div className="ps-card" data-testid="sign-identity" data-pin={identity.pin}>
      <CheckLine
        mark={<Icon name={identity.kind === 'remote' ? 'link' : 'card'} className="c-ok" />}
        title={identity.device}
        action={
          many ? (
            <Button kind="quiet" small testId="change-device" onPress={onChange}>
              {t('sign.change')}
            </Button>
          ) : undefined
        }
      >
        {t(`sign.${identity.kind}`)}
      </CheckLine>
      <CheckLine
        mark={<Icon name="user" className={identity.is_author ? 'c-ok' : 'c-danger'} />}
        title={identity.subject}
        action={
          identity.is_author ? (
            <Badge tone="ok" icon="check">
              {t('sign.isYou')}
            </Badge>
          ) : (
            <Badge tone="danger" icon="error">
              {t('sign.notYou')}
            </Badge>
          )
        }
      >
        <span className={over ? 'c-danger' : undefined}>
          {t(over ? 'sign.validUntilOver' : 'sign.validUntil', { on: day(identity.not_after) })}
        </span>
      </CheckLine>
      {identity.kind === 'remote' ? (
        <CheckLine
          mark={<Icon name="key" className={identity.signs_later ? 'c-off' : 'c-ok'} />}
          title={t('sign.consent')}
          action={
            <Badge
              tone={identity.signs_later ? 'off' : identity.blocked_by ? 'danger' : 'ok'}
              icon={identity.signs_later ? 'queue' : identity.blocked_by ? 'error' : 'check'}
            >
              {t(identity.signs_later ? 'sign.badgeAway' : identity.blocked_by ? 'sign.badgeNo' : 'sign.badgeReady')}
            </Badge>
          }
        >
          {t(consentOf(identity))}
        </CheckLine>
      ) : (
        <CheckLine
          mark={<Icon name="key" className={tone === 'ok' ? 'c-ok' : tone === 'warn' ? 'c-warn' : 'c-danger'} />}
          title={t('sign.pinState')}
          action={
            <Badge tone={tone} icon={tone === 'ok' ? 'check' : 'warning-circle'}>
              {t(`sign.${word}`)}
            </Badge>
          }
        >
          {t(`sign.${identity.pin}`)}
        </CheckLine>
      )}
    </div>
  )
}

const consentOf = ({ asks_pin, asks_otp, in_browser }: SigningIdentityView) =>
  in_browser
    ? 'sign.consentBrowser'
    : asks_pin && asks_otp
      ? 'sign.consentBoth'
      : asks_otp
        ? 'sign.consentOtp'
        : asks_pin
          ? 'sign.consentPin'
          : 'sign.consentPhone'
