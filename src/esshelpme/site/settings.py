"""Django's settings, all derived from `platform.config`: nothing here reads the environment by itself."""

from __future__ import annotations

import warnings
from pathlib import Path

from esshelpme.platform.config import current
from esshelpme.platform.postgres import database_settings

CONFIG = current()
PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE.parent.parent

SECRET_KEY = CONFIG.secret_key
DEBUG = False
PRODUCTION = CONFIG.env == "production"
# How many of our own proxies stand in front: whose X-Forwarded-For entries are believed.
WEB_PROXIES = CONFIG.proxies
# The same for the limits of sign-in: else all of the staff are one address behind a proxy, and a stranger's wrong
# passwords lock everybody out.
ALLAUTH_TRUSTED_PROXY_COUNT = WEB_PROXIES
# Host headers are checked by the reverse proxy; local runs answer to whatever name the machine has.
ALLOWED_HOSTS = CONFIG.allowed_hosts
BASE_URL = CONFIG.base_url
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "esshelpme.site",  # first: its templates dress those of the libraries
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.line",
    "procrastinate.contrib.django",
    "esshelpme.pulse",
    "esshelpme.privacy",
    "esshelpme.places",
    "esshelpme.directory",
    "esshelpme.access",
    "esshelpme.contacts",
    "esshelpme.outbox",
    "esshelpme.incidents",
    "esshelpme.dispatch",
    "esshelpme.intake",
    "esshelpme.line",
    "esshelpme.web",
    "esshelpme.api",
    "esshelpme.console",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "esshelpme.site.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "esshelpme.access.guard.DenyUnguarded",
]

ROOT_URLCONF = "esshelpme.site.urls"
ASGI_APPLICATION = "esshelpme.site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "esshelpme.site.context.brand",
                "esshelpme.console.navigation.slots",
            ],
        },
    }
]

DATABASES = {"default": database_settings(CONFIG)}
if CONFIG.database_pool:
    # Threads share a few connections, each looked at before it is handed out: a database that came back is noticed.
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": CONFIG.database_pool, "timeout": 10}
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.Account"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/console/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "esshelpme.access.adapter.StaffOnly"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
SOCIALACCOUNT_PROVIDERS = (
    {
        "line": {
            "APPS": [
                {
                    "client_id": CONFIG.line_login_channel_id,
                    "secret": CONFIG.line_login_channel_secret,
                }
            ]
        }
    }
    if CONFIG.line_login_channel_id
    else {}
)

LANGUAGE_CODE = "th"
LANGUAGE_COOKIE_NAME = "ess_language"
LANGUAGES = [("th", "ไทย"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "site" / "locale"]
TIME_ZONE = CONFIG.time_zone
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = CONFIG.data_dir / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "esshelpme.site.finders.NodeModulesFinder",
]
# Served straight from the packages in local use; `collectstatic` fills STATIC_ROOT for production.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
# WhiteNoise hands out files as ordinary iterators, which is right for files: no reason to warn in every run.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_AGE = 12 * 3600  # one long shift
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not "no-referrer": with it browsers send `Origin: null` with forms, which the cross-site check rightly refuses.
# The public pages set "no-referrer" themselves and need no such check.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "SAMEORIGIN" if CONFIG.simulated else "DENY"

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LOGGING_CONFIG = None  # platform.logs sets up structlog once per process
