"""Single sign-on by OpenID Connect; loaded only if OIDC_ISSUER is set."""
