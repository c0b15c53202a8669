/** What is typed to sign: the PIN, and the one-time code of a remote signature. Nothing of it is kept. */
import { type Ref, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, TextField } from '../design'
import { clock } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { SigningIdentityView } from '../ipc/generated/SigningIdentityView'

export type Secrets = { pin: string; otp: string }
export const NOTHING: Secrets = { pin: '', otp: '' }

/** Everything that the identity asks for was typed. */
export const isTyped = ({ asks_pin, asks_otp }: SigningIdentityView, { pin, otp }: Secrets) =>
  (!asks_pin || pin !== '') && (!asks_otp || otp.trim() !== '')

type Props = {
  identity: SigningIdentityView
  secrets: Secrets
  onChange: (secrets: Secrets) => void
  disabled: boolean
  ref?: Ref<HTMLInputElement>
}

export function SigningSecrets({ identity, secrets, onChange, disabled, ref }: Props) {
  const { t } = useTranslation('report')
  const [sent, setSent] = useState<string | null>(null)
  const { run, failure, busy } = useAction()
  const send = () =>
    run(
      () => call('report_send_otp', { identity_id: identity.id }),
      () => setSent(new Date().toISOString()),
    )
  const kind = identity.kind === 'card' ? 'sign.pin' : identity.kind === 'remote' ? 'sign.pinRemote' : 'sign.pinFile'
  return (
    <>
      {identity.asks_pin ? (
        <TextField
          label={t(kind)}
          type="password"
          value={secrets.pin}
          onChange={(pin) => onChange({ ...secrets, pin })}
          disabled={disabled}
          hint={t('sign.pinHint')}
          firstFocus
          ref={ref}
          testId="sign-pin"
        />
      ) : null}
      {identity.asks_otp ? (
        <div className="stack">
          <div className="line sign-otp">
            <TextField
              label={t('sign.otp')}
              value={secrets.otp}
              onChange={(otp) => onChange({ ...secrets, otp })}
              disabled={disabled}
              hint={sent ? t('sign.otpSent', { at: clock(sent) }) : t('sign.otpHint')}
              firstFocus={!identity.asks_pin}
              ref={identity.asks_pin ? undefined : ref}
              testId="sign-otp"
            />
            <Button small busy={busy} disabled={disabled} testId="send-otp" onPress={() => void send()}>
              {t(sent ? 'sign.otpAgain' : 'sign.otpSend')}
            </Button>
          </div>
          {failure ? <FailureBanner failure={failure} /> : null}
        </div>
      ) : null}
    </>
  )
}
