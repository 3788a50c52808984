"""Stars (星级) and the honour list, from recorded hours and quality: applied for, made public, granted by two, reviewed when hours fall; and awards."""
